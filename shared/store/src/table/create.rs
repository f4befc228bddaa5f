//! The table itself, for the one-machine runner and the tests. On AWS the template makes the same one.

use crate::table::keys::{BY_DAY, BY_DUE, BY_OBJECT};
use crate::table::{Store, StoreError};
use aws_sdk_dynamodb::error::{BuildError, SdkError};
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, TimeToLiveSpecification,
};

/// Besides the keys, what the indexes hold: as little as their readers need, because every write of it is paid again.
const PROJECTED: [(&str, &[&str]); 3] = [(BY_DAY, &[]), (BY_OBJECT, &["state", "due"]), (BY_DUE, &["lifecycle_epoch"])];

impl Store {
    /// Creates the table unless it is there: on demand, three indexes, expiry by `expires_at` (seconds since 1970).
    pub async fn create_table(&self) -> Result<(), StoreError> {
        let action = "create the table";
        let request = described(self.client.create_table().table_name(&*self.table));
        let request = request.map_err(|error| StoreError::of_request(action, &error))?;
        match request.send().await {
            Ok(_) => {}
            Err(SdkError::ServiceError(service)) if service.err().is_resource_in_use_exception() => return Ok(()),
            Err(error) => return Err(StoreError::of_sdk(action, &error)),
        }
        let expiry = TimeToLiveSpecification::builder().attribute_name("expires_at").enabled(true).build();
        let expiry = expiry.map_err(|error| StoreError::of_request(action, &error))?;
        let request = self.client.update_time_to_live().table_name(&*self.table).time_to_live_specification(expiry);
        request.send().await.map_err(|error| StoreError::of_sdk(action, &error))?;
        Ok(())
    }
}

fn described(request: CreateTableFluentBuilder) -> Result<CreateTableFluentBuilder, BuildError> {
    let (partition, sort) = keys("pk", "sk")?;
    let request = request.billing_mode(BillingMode::PayPerRequest).key_schema(partition).key_schema(sort);
    let request = request.attribute_definitions(attribute("pk")?).attribute_definitions(attribute("sk")?);
    PROJECTED.iter().try_fold(request, |request, (name, projected)| {
        let (pk, sk) = (format!("{name}pk"), format!("{name}sk"));
        let (partition, sort) = keys(&pk, &sk)?;
        let projection = Projection::builder().projection_type(match projected {
            [] => ProjectionType::KeysOnly,
            _ => ProjectionType::Include,
        });
        let projection =
            projected.iter().fold(projection, |projection, name| projection.non_key_attributes(*name)).build();
        let index = GlobalSecondaryIndex::builder()
            .index_name(*name)
            .key_schema(partition)
            .key_schema(sort)
            .projection(projection);
        Ok(request
            .attribute_definitions(attribute(&pk)?)
            .attribute_definitions(attribute(&sk)?)
            .global_secondary_indexes(index.build()?))
    })
}

fn keys(partition: &str, sort: &str) -> Result<(KeySchemaElement, KeySchemaElement), BuildError> {
    let key = |name, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build();
    Ok((key(partition, KeyType::Hash)?, key(sort, KeyType::Range)?))
}

fn attribute(name: &str) -> Result<AttributeDefinition, BuildError> {
    AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S).build()
}
