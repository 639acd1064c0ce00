//! All questions of the operator protocol.

use super::{
    AddHost, AdvanceClock, CopyCloud, CountCapture, CreateVpc, EnableVpc, EndCapture, ExplainPath, FailHost, FindHost,
    ImpairHost, ImportFiles, InterruptInstance, LaunchAndLink, LinkInstances, ListChanges, ListDrops, ListFlows,
    ListHosts, ListImpairments, ListVpcs, LookAtRecording, Operator, Question, ReadCapture, ReadFlowLogs,
    ReadIdentityCertificate, ReadStatus, RemoveHost, Reset, StartCapture, StartRecording, StopRecording,
    UnlinkInstances,
};
use serde::{Deserialize, Serialize};

macro_rules! questions {
    (looks: $($look:ident)*; changes: $($change:ident)*;) => {
        /// Any question.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "ask", rename_all = "kebab-case")]
        pub enum Ask {
            $(#[doc = concat!("[`", stringify!($look), "`](super::", stringify!($look), ").")] $look($look),)*
            $(#[doc = concat!("[`", stringify!($change), "`](super::", stringify!($change), ").")] $change($change),)*
        }

        impl Ask {
            /// Whether the question changes nothing, so that it can be repeated.
            pub fn only_looks(&self) -> bool {
                match self {
                    $(Ask::$look(_) => true,)*
                    $(Ask::$change(_) => false,)*
                }
            }

            /// Answers the question as the operator protocol does.
            ///
            /// # Errors
            /// If the answer cannot be written as JSON.
            pub async fn answer(self, operator: &Operator) -> serde_json::Result<Vec<u8>> {
                match self {
                    $(Ask::$look(question) => question.reply(operator).await,)*
                    $(Ask::$change(question) => question.reply(operator).await,)*
                }
            }
        }

        $(impl From<$look> for Ask {
            fn from(question: $look) -> Ask {
                Ask::$look(question)
            }
        })*
        $(impl From<$change> for Ask {
            fn from(question: $change) -> Ask {
                Ask::$change(question)
            }
        })*
    };
}

questions! {
    looks:
        CopyCloud CountCapture ExplainPath FindHost ListChanges ListDrops ListFlows ListHosts ListImpairments ListVpcs LookAtRecording
        ReadFlowLogs ReadIdentityCertificate ReadStatus;
    changes:
        AddHost AdvanceClock CreateVpc EnableVpc EndCapture FailHost ImpairHost ImportFiles InterruptInstance LaunchAndLink
        LinkInstances ReadCapture RemoveHost Reset StartCapture StartRecording StopRecording UnlinkInstances;
}
