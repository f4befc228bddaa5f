//! `template.yaml` as the JSON that `CloudFormation` makes of it: `!Ref X` is `{"Ref": "X"}`, `!Sub` is `{"Fn::Sub": …}`.

use anyhow::{Context, Result, bail, ensure};
use saphyr::{LoadableYamlNode as _, Scalar, Yaml};
use serde_json::{Map, Value, json};

/// The whole template.
pub(super) struct Template(Value);

impl Template {
    pub(super) fn read() -> Result<Self> {
        let text = std::fs::read_to_string(super::root().join("template.yaml"))?;
        let documents = Yaml::load_from_str(&text).context("read template.yaml")?;
        ensure!(documents.len() == 1, "template.yaml holds {} documents", documents.len());
        Ok(Self(json_of(documents.first().context("find a document")?)?))
    }

    /// One of the template's sections.
    pub(super) fn section(&self, name: &str) -> Result<&Map<String, Value>> {
        self.0[name].as_object().with_context(|| format!("find {name}"))
    }

    /// The properties of a resource.
    pub(super) fn properties(&self, resource: &str) -> Result<&Value> {
        let found =
            self.section("Resources")?.get(resource).with_context(|| format!("find the resource {resource}"))?;
        Ok(&found["Properties"])
    }

    /// The names and properties of all resources of a type.
    pub(super) fn of_type(&self, kind: &str) -> Result<Vec<(&str, &Value)>> {
        let resources = self.section("Resources")?.iter();
        Ok(resources.filter(|(_, r)| r["Type"] == kind).map(|(name, r)| (name.as_str(), &r["Properties"])).collect())
    }

    /// What a function's environment names, and with what.
    pub(super) fn environment(&self, function: &str) -> Result<&Map<String, Value>> {
        let variables = &self.properties(&format!("{function}Function"))?["Environment"]["Variables"];
        variables.as_object().with_context(|| format!("find the environment of {function}"))
    }
}

fn json_of(node: &Yaml<'_>) -> Result<Value> {
    Ok(match node {
        Yaml::Value(Scalar::Null) => Value::Null,
        Yaml::Value(Scalar::Boolean(value)) => json!(value),
        Yaml::Value(Scalar::Integer(value)) => json!(value),
        Yaml::Value(Scalar::FloatingPoint(value)) => json!(value.into_inner()),
        Yaml::Value(Scalar::String(value)) => json!(value),
        Yaml::Sequence(items) => items.iter().map(json_of).collect::<Result<_>>()?,
        Yaml::Mapping(entries) => {
            let entry = |(name, value): (&Yaml<'_>, &Yaml<'_>)| match json_of(name)? {
                Value::String(name) => Ok((name, json_of(value)?)),
                other => bail!("a key that is no text: {other}"),
            };
            Value::Object(entries.iter().map(entry).collect::<Result<_>>()?)
        }
        Yaml::Tagged(tag, inner) => {
            let name = if tag.suffix == "Ref" { "Ref".to_owned() } else { format!("Fn::{}", tag.suffix) };
            json!({ name: json_of(inner)? })
        }
        Yaml::Representation(text, _, Some(tag)) => {
            let name = if tag.suffix == "Ref" { "Ref".to_owned() } else { format!("Fn::{}", tag.suffix) };
            json!({ name: text })
        }
        other => bail!("the template holds what this test cannot read: {other:?}"),
    })
}
