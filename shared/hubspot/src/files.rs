//! Files of the portal's file manager (scope `files`).

use crate::client::Portal;
use crate::error::HubSpotError;
use bytes::Bytes;
use serde::Deserialize;
use transport::json::{JsonCall, Loose, WireError};
use transport::{Path, debug_only};

/// A file to be kept in the portal. Everybody with its address can read it.
#[derive(Clone, PartialEq, Eq)]
pub struct NewFile {
    /// With its extension, which tells HubSpot the type.
    pub name: String,
    /// Its folder in the file manager, from the root.
    pub folder: String,
    /// Such as `image/png`.
    pub mime_type: String,
    /// Its bytes.
    pub content: Bytes,
}

debug_only!(NewFile { folder, mime_type });

/// HubSpot's id of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileId(pub String);

impl From<String> for FileId {
    fn from(text: String) -> Self {
        Self(text)
    }
}

/// A short-lived address of a private file.
struct SignedUrl(Option<String>);

#[derive(Deserialize, Default)]
#[serde(default)]
struct SignedUrlResponse {
    url: Loose,
}

impl TryFrom<SignedUrlResponse> for SignedUrl {
    type Error = WireError;

    fn try_from(wire: SignedUrlResponse) -> Result<Self, WireError> {
        Ok(Self(wire.url.filled()))
    }
}

/// Stands between the parts. A file that has this in it would be read wrong, so it is looked for.
pub(crate) const BOUNDARY: &str = "opencx-hubspot-c3f6a0d5e9b14f7c";
/// The same content under the same name in the same folder is the same file: sending it twice keeps one.
const OPTIONS: &str = r#"{"access":"PUBLIC_NOT_INDEXABLE","overwrite":false,"duplicateValidationStrategy":"RETURN_EXISTING","duplicateValidationScope":"EXACT_FOLDER"}"#;

impl Portal {
    /// An address at which the file can be fetched for a while, without credentials.
    pub async fn file_url(&self, file: &str) -> Result<Option<String>, HubSpotError> {
        let path = Path::new(self.versions().files).then(file).then("signed-url");
        let found = self.find::<SignedUrlResponse, SignedUrl>(JsonCall::get("read a file's address", path)).await?;
        Ok(found.and_then(|SignedUrl(url)| url))
    }

    /// Keeps the file. The same file in the same folder is kept once.
    pub async fn upload_file(&self, file: &NewFile) -> Result<FileId, HubSpotError> {
        let boundary = boundary(&file.content);
        let content_type = format!("multipart/form-data; boundary={boundary}");
        let body = form(file, &boundary);
        self.create(JsonCall::post_raw("upload a file", Path::new(self.versions().files), content_type, body)).await
    }
}

/// One that does not occur in the content.
fn boundary(content: &[u8]) -> String {
    let occurs = |boundary: &str| content.windows(boundary.len()).any(|window| window == boundary.as_bytes());
    let mut boundary = BOUNDARY.to_owned();
    while occurs(&boundary) {
        boundary.push('x');
    }
    boundary
}

fn form(file: &NewFile, boundary: &str) -> Bytes {
    let name: String =
        file.name.chars().map(|c| if c.is_control() || matches!(c, '"' | '\\' | '/') { '_' } else { c }).collect();
    let field = |field: &str, value: &str| {
        format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n")
    };
    let head = format!(
        "{}{}{}--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {}\r\n\r\n",
        field("fileName", &name),
        field("folderPath", &file.folder),
        field("options", OPTIONS),
        file.mime_type,
    );
    let tail = format!("\r\n--{boundary}--\r\n");
    [head.as_bytes(), file.content.as_ref(), tail.as_bytes()].concat().into()
}
