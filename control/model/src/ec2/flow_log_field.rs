//! The fields of flow logs' records, of the versions 2 to 5 (semantics.md §11).

use crate::{Error, Result};
use serde::{Deserialize, Serialize};

macro_rules! fields {
    ($($name:ident $text:literal $version:literal;)*) => {
        /// A field of a record.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum Field {
            $(#[doc = concat!("`", $text, "`")] $name,)*
        }

        impl Field {
            const ALL: &'static [Field] = &[$(Field::$name,)*];

            /// Its name in a format, without `${` and `}`.
            pub fn name(self) -> &'static str {
                match self { $(Field::$name => $text,)* }
            }

            /// The version of records that introduced it.
            pub fn version(self) -> u8 {
                match self { $(Field::$name => $version,)* }
            }
        }
    };
}

fields! {
    Version "version" 2;
    AccountId "account-id" 2;
    InterfaceId "interface-id" 2;
    SrcAddr "srcaddr" 2;
    DstAddr "dstaddr" 2;
    SrcPort "srcport" 2;
    DstPort "dstport" 2;
    Protocol "protocol" 2;
    Packets "packets" 2;
    Bytes "bytes" 2;
    Start "start" 2;
    End "end" 2;
    Action "action" 2;
    LogStatus "log-status" 2;
    VpcId "vpc-id" 3;
    SubnetId "subnet-id" 3;
    InstanceId "instance-id" 3;
    TcpFlags "tcp-flags" 3;
    Type "type" 3;
    PktSrcAddr "pkt-srcaddr" 3;
    PktDstAddr "pkt-dstaddr" 3;
    Region "region" 4;
    AzId "az-id" 4;
    SublocationType "sublocation-type" 4;
    SublocationId "sublocation-id" 4;
    PktSrcAwsService "pkt-src-aws-service" 5;
    PktDstAwsService "pkt-dst-aws-service" 5;
    FlowDirection "flow-direction" 5;
    TrafficPath "traffic-path" 5;
}

/// The default format: all fields of version 2.
pub const DEFAULT_FORMAT: [Field; 14] = [
    Field::Version,
    Field::AccountId,
    Field::InterfaceId,
    Field::SrcAddr,
    Field::DstAddr,
    Field::SrcPort,
    Field::DstPort,
    Field::Protocol,
    Field::Packets,
    Field::Bytes,
    Field::Start,
    Field::End,
    Field::Action,
    Field::LogStatus,
];

/// A format as the API writes it: `${srcaddr} ${dstaddr}`.
pub fn format_text(format: &[Field]) -> String {
    format.iter().map(|field| format!("${{{}}}", field.name())).collect::<Vec<_>>().join(" ")
}

/// The fields of a format as the API writes it.
///
/// # Errors
/// If it is none, or names a field that is not known.
pub fn parse_format(text: &str) -> Result<Vec<Field>> {
    let name = |word: &str| word.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')).map(str::to_owned);
    let names: Option<Vec<String>> = text.split(' ').map(name).collect();
    let names = names.ok_or_else(|| Error::FlowLogFormat { format: text.into() })?;
    let field = |name: &String| Field::ALL.iter().copied().find(|field| field.name() == name);
    let unknown: Vec<&str> = names.iter().filter(|name| field(name).is_none()).map(String::as_str).collect();
    if !unknown.is_empty() {
        return Err(Error::FlowLogFields { fields: unknown.join(", ") });
    }
    Ok(names.iter().filter_map(field).collect())
}
