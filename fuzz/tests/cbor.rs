//! Requests in CBOR: no bytes make the reader panic, and what it reads is JSON.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use bolero::check;
use control::server::cbor;
use fuzz::Tally;
use fuzz::damage::{Damage, damaged};

/// A request with what documents consist of.
const REQUEST: &str = r#"{"ResourceARNList":["arn:aws:ec2:us-east-1:111122223333:vpc/vpc-1a2b3c4d",""],
    "Tags":{"a.b":"\"c\"","":"é"},"Deep":{"No":null,"Yes":true,"Empty":[{},[]]},"Size":1000000,"Low":-1,"Part":0.5}"#;

#[test]
fn what_is_read_is_json() {
    let tally = Tally::new("cbor::what_is_read_is_json", "documents");
    let request = cbor::of_json(REQUEST).unwrap();
    check!().with_type::<(Vec<Damage>, Option<Vec<u8>>)>().for_each(|(damage, random)| {
        tally.add(1);
        let document = random.clone().unwrap_or_else(|| damaged(&request, damage));
        if let Ok(text) = cbor::to_json(&document)
            && let Err(error) = serde_json::from_str::<serde_json::Value>(&text)
        {
            // JSON's reader stops at a lower depth, and no bytes are no document.
            assert!(document.is_empty() || error.to_string().contains("recursion limit"), "{error}: {text}");
        }
    });
}
