//! A file of the portal.

use serde_json::{Value, json};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct File {
    pub(crate) name: String,
    pub(crate) folder: String,
    pub(crate) access: String,
    pub(crate) content: Vec<u8>,
}

impl File {
    pub(crate) fn url(&self) -> String {
        format!("https://22761544.fs1.hubspotusercontent.example/hubfs{}/{}", self.folder, self.name)
    }

    pub(crate) fn show(&self, id: u64) -> Value {
        let (name, extension) = self.name.rsplit_once('.').unwrap_or((&self.name, ""));
        json!({
            "id": id.to_string(), "name": name, "extension": extension, "size": self.content.len(),
            "access": self.access, "path": format!("{}/{}", self.folder, self.name), "type": "OTHER",
            "archived": false, "url": self.url(),
        })
    }
}
