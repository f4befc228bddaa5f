use super::{Unreadable, WireError};
use crate::Path;
use bytes::Bytes;
use http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::borrow::Cow;
use std::time::Duration;

/// One attempt of a call, unless the call says otherwise.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

/// One call before it is sent. Its answer is JSON.
#[derive(Debug)]
pub struct JsonCall {
    /// The call's name in logs and errors: its path may hold an address.
    pub(super) what: &'static str,
    pub(super) method: Method,
    pub(super) path: Path,
    pub(super) body: Option<(Cow<'static, str>, Bytes)>,
    /// False where a second one would be seen.
    pub(super) repeatable: bool,
    pub(super) timeout: Duration,
}

impl JsonCall {
    fn new(method: Method, what: &'static str, path: Path) -> Self {
        Self { what, method, path, body: None, repeatable: true, timeout: ATTEMPT_TIMEOUT }
    }

    /// Writing texts, lists of them and maps with text keys as JSON cannot fail.
    fn json(self, body: &impl Serialize) -> Self {
        Self { body: serde_json::to_vec(body).ok().map(|body| ("application/json".into(), body.into())), ..self }
    }

    /// Reads.
    pub fn get(what: &'static str, path: Path) -> Self {
        Self::new(Method::GET, what, path)
    }

    /// Deletes.
    pub fn delete(what: &'static str, path: Path) -> Self {
        Self::new(Method::DELETE, what, path)
    }

    /// Sets the whole of something.
    pub fn put(what: &'static str, path: Path, body: &impl Serialize) -> Self {
        Self::new(Method::PUT, what, path).json(body)
    }

    /// Sets a part of something.
    pub fn patch(what: &'static str, path: Path, body: &impl Serialize) -> Self {
        Self::new(Method::PATCH, what, path).json(body)
    }

    /// A POST that reads, or that the service refuses the second time without harm.
    pub fn post_repeatable(what: &'static str, path: Path, body: &impl Serialize) -> Self {
        Self::new(Method::POST, what, path).json(body)
    }

    /// A POST that would be seen twice if it were sent twice.
    pub fn post_once(what: &'static str, path: Path, body: &impl Serialize) -> Self {
        Self::post_repeatable(what, path, body).once()
    }

    /// A POST of another body than JSON, which may be sent again.
    pub fn post_raw(what: &'static str, path: Path, content_type: impl Into<Cow<'static, str>>, body: Bytes) -> Self {
        Self { body: Some((content_type.into(), body)), ..Self::new(Method::POST, what, path) }
    }

    /// The same call, which must not be sent twice.
    #[must_use]
    pub fn once(self) -> Self {
        Self { repeatable: false, ..self }
    }

    /// The same call with another bound for each attempt.
    #[must_use]
    pub fn within(self, timeout: Duration) -> Self {
        Self { timeout, ..self }
    }

    /// Reads the answer as `W` and converts it. An answer without a body is `null`: whether that will do is for `W` to say.
    pub(super) fn read<W, T>(&self, body: &[u8]) -> Result<T, Unreadable>
    where
        W: DeserializeOwned,
        T: TryFrom<W, Error = WireError>,
    {
        let body = if body.trim_ascii().is_empty() { b"null" } else { body };
        let wire: W =
            serde_path_to_error::deserialize(&mut serde_json::Deserializer::from_slice(body)).map_err(|e| {
                let problem =
                    if e.inner().is_data() { "a field is missing or of another type" } else { "this is no JSON" };
                Unreadable { what: self.what, at: e.path().to_string(), problem }
            })?;
        T::try_from(wire).map_err(|WireError { field, problem }| Unreadable {
            what: self.what,
            at: field.to_owned(),
            problem,
        })
    }
}

/// The object without its null fields: a service would take a null for a wish to clear the field.
pub fn without_nulls(mut object: Value) -> Value {
    if let Value::Object(fields) = &mut object {
        fields.retain(|_, value| !value.is_null());
    }
    object
}
