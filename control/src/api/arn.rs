//! ARNs as requests name things by them.

/// Whether a text is built like an ARN: it has a partition, a service and a resource.
pub fn is_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    matches!(parts.as_slice(), ["arn", partition, service, _, _, resource]
        if [partition, service, resource].iter().all(|part| !part.is_empty()))
}
