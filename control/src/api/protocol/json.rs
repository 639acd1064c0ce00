//! AWS JSON's documents. No service of ours speaks it; clients of others are told so in a way that they can read.

use super::ApiError;
use serde_json::json;

/// The document of an error.
pub fn error(error: &dyn ApiError) -> String {
    json!({ "__type": error.code(), "message": error.to_string() }).to_string()
}
