//! The structures of the API's actions as types.
//!
//! `facts/` has each service's names, types, lists and filters from the clients' own models, extracted by
//! `scripts/api-facts`. `actions/` is kept by hand: the actions that the platform has, and the parameters that it does
//! not model. From both, the build script generates a module for each service: a struct for each structure, with a
//! table of its members. Everything else is generic over those tables: [`decode`] fills a struct from a request,
//! [`Answer`] writes one as XML.

mod action;
mod json;
mod list;
mod listing;
mod map;
mod member;
mod source;
mod special;
mod value;
mod xml;

pub use action::{Action, Answer, Facts, Route, decode};
pub use json::{Form, JsonFault, json_of_xml, of_json};
pub use list::List;
pub use listing::{Asked, Listing, Paged};
pub use map::{Map, escaped, unescaped};
pub use member::{Member, Shape};
pub use moment::Time;
pub use source::{Fault, Result, Source};
pub use special::{Filters, Page, Token};
pub use value::{Element, Value, write_members};
pub use xml::Xml;

macro_rules! service {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[allow(missing_docs, reason = "the names are the API's, and so are their meanings")]
        pub mod $name {
            #[allow(unused_imports, reason = "not every service has every type")]
            use crate::{
                Action, Asked, Facts, Filters, List, Listing, Map, Member, Page, Paged, Shape, Time, Token, Value,
            };
            include!(concat!(env!("OUT_DIR"), "/", stringify!($name), ".rs"));
        }
    };
}

service! {
    /// Auto Scaling.
    autoscaling
}
service! {
    /// Elastic Compute Cloud.
    ec2
}
service! {
    /// ElastiCache.
    elasticache
}
service! {
    /// Elastic Load Balancing, of the first generation.
    elb
}
service! {
    /// Identity and Access Management.
    iam
}
service! {
    /// CloudWatch Logs.
    logs
}
service! {
    /// Relational Database Service.
    rds
}
service! {
    /// Redshift.
    redshift
}
service! {
    /// Route 53.
    route53
}
service! {
    /// Systems Manager.
    ssm
}
service! {
    /// Security Token Service.
    sts
}
service! {
    /// Resource Groups Tagging API.
    resourcegroupstaggingapi
}

/// Whether a path is one of REST-XML.
pub fn has_path(path: &str) -> bool {
    SERVICES.iter().any(|facts| facts.has_path(path))
}

/// The facts of all services.
pub static SERVICES: [&Facts; 12] = [
    &ec2::FACTS,
    &autoscaling::FACTS,
    &elasticache::FACTS,
    &elb::FACTS,
    &iam::FACTS,
    &logs::FACTS,
    &rds::FACTS,
    &redshift::FACTS,
    &route53::FACTS,
    &ssm::FACTS,
    &sts::FACTS,
    &resourcegroupstaggingapi::FACTS,
];
