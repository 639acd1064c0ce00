//! ARNs of IAM and STS in other partitions than `aws`: `arn:aws-cn:iam::…`. An account is the same in all partitions, so ARNs are
//! stored in the form of `aws`. Requests and replies have the form of the request's Region.

use super::{Params, Reply};

/// The partition of stored ARNs.
pub const KEPT: &str = "aws";

/// The services whose ARNs name no Region.
const GLOBAL: [&str; 2] = ["iam", "sts"];

/// The beginning of a service's ARNs in a partition, and that of its stored ARNs.
fn beginnings(service: &str, partition: &str) -> (String, String) {
    (format!("arn:{partition}:{service}:"), format!("arn:{KEPT}:{service}:"))
}

/// Gives the ARNs in a request the form of stored ones.
pub fn read(params: &mut Params, partition: &str) {
    if partition == KEPT {
        return;
    }
    for service in GLOBAL {
        let (told, kept) = beginnings(service, partition);
        params.change_values(|value| Some(format!("{kept}{}", value.strip_prefix(&told)?)));
    }
}

/// Gives the ARNs in a reply the form of a partition.
pub fn tell(reply: Reply, partition: &str) -> Reply {
    Reply { body: in_partition(reply.body, partition), ..reply }
}

/// Gives the ARNs in a text the form of a partition.
pub fn in_partition(text: String, partition: &str) -> String {
    if partition == KEPT {
        return text;
    }
    let tell = |text: String, service: &str| {
        let (told, kept) = beginnings(service, partition);
        text.replace(&kept, &told)
    };
    GLOBAL.into_iter().fold(text, tell)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_arns_of_global_services_change() {
        let kept = "arn:aws:iam::1:user/a arn:aws:sts::1:assumed-role/r/s arn:aws:ec2:us-east-1:1:vpc/v".to_owned();
        assert_eq!(in_partition(kept.clone(), "aws"), kept);
        let told = "arn:aws-cn:iam::1:user/a arn:aws-cn:sts::1:assumed-role/r/s arn:aws:ec2:us-east-1:1:vpc/v";
        assert_eq!(in_partition(kept, "aws-cn"), told);
    }
}
