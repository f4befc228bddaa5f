//! Files on the public web, as OpenCX names them.

use bytes::Bytes;
use http::{Response, StatusCode};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use transport::InProcess;

/// The files by address, and the requests so far.
#[derive(Clone, Default)]
pub(crate) struct Web {
    pages: Arc<Mutex<BTreeMap<String, Page>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

#[derive(Clone)]
enum Page {
    File(&'static str, Bytes),
    Moved(&'static str),
}

impl Web {
    pub(crate) fn publish(&self, address: &str, kind: &'static str, content: impl Into<Bytes>) {
        self.pages.lock().unwrap().insert(address.to_owned(), Page::File(kind, content.into()));
    }

    pub(crate) fn redirect(&self, from: &str, to: &'static str) {
        self.pages.lock().unwrap().insert(from.to_owned(), Page::Moved(to));
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn transport(&self) -> InProcess {
        let web = self.clone();
        InProcess::new(move |request| {
            let address = request.uri().to_string();
            web.asked.lock().unwrap().push(address.clone());
            let page = web.pages.lock().unwrap().get(&address).cloned();
            let answer = match page {
                Some(Page::File(kind, content)) => Response::builder().header("content-type", kind).body(content),
                Some(Page::Moved(to)) => {
                    Response::builder().status(StatusCode::FOUND).header("location", to).body(Bytes::new())
                }
                None => Response::builder().status(StatusCode::NOT_FOUND).body(Bytes::new()),
            };
            async move { Ok(answer.unwrap()) }
        })
    }
}
