//! Requests in, documents out, without HTTP.

mod classic_link;
mod vpc;

use super::*;
use crate::model::Time;

/// A cloud and a client of it.
pub struct Cloud {
    pub model: Model,
    /// The access key id that the client sends.
    pub account: &'static str,
    /// The Region it asks in.
    pub region: &'static str,
}

impl Cloud {
    pub fn new() -> Cloud {
        Cloud { model: Model::new(1), account: "111122223333", region: "us-east-1" }
    }

    /// Sends a request and gives the document back, or the error's code.
    pub fn ask(&mut self, form: &str) -> std::result::Result<String, &'static str> {
        let authorization = format!(
            "AWS4-HMAC-SHA256 Credential={}/20150107/{}/ec2/aws4_request, SignedHeaders=host",
            self.account, self.region
        );
        let before = format!("{:?}", self.model);
        let request = Request::parse(&form.replace(' ', ""), Some(&authorization), Time(1_420_632_000_000));
        match request.and_then(|request| request.write(&mut self.model)) {
            Ok(reply) => {
                self.model.take_changes();
                Ok(reply.body)
            }
            Err(error) => {
                assert_eq!(before, format!("{:?}", self.model), "an error changes nothing");
                assert!(!error.to_string().is_empty());
                Err(error.code())
            }
        }
    }

    /// Sends a request that must succeed and gives the first text of an element back.
    pub fn get(&mut self, form: &str, element: &str) -> String {
        let body = self.ask(form).unwrap_or_else(|code| panic!("{form}: {code}"));
        first(&body, element).unwrap_or_else(|| panic!("no {element} in {body}"))
    }

    /// Sends a request that must succeed and gives all texts of an element back.
    pub fn all(&mut self, form: &str, element: &str) -> Vec<String> {
        let body = self.ask(form).unwrap_or_else(|code| panic!("{form}: {code}"));
        texts(&body, element)
    }
}

/// The text of every element of that name.
pub fn texts(body: &str, element: &str) -> Vec<String> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    body.split(&open).skip(1).filter_map(|rest| rest.split(&close).next()).map(str::to_owned).collect()
}

/// The text of the first element of that name.
pub fn first(body: &str, element: &str) -> Option<String> {
    texts(body, element).into_iter().next()
}
