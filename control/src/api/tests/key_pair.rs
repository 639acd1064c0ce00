use super::*;

/// Made by `ssh-keygen -t ed25519`, in base64; the fingerprint is `ssh-keygen -lf`'s.
const PUBLIC: &str = "c3NoLWVkMjU1MTkgQUFBQUMzTnphQzFsWkRJMU5URTVBQUFBSUszeTZpNkxlamU0UkRBNFNoZ2x4endvbjZ1c2QyVURjRVliM2VxOCs5RUcgbWVAZXhhbXBsZQo=";
const FINGERPRINT: &str = "9USLTr/nDZxPVKdANl5F1p1w57pm0uWsGJ8OTDncgmU=";
/// Made by `ssh-keygen -t rsa`; the fingerprint by `ssh-keygen -ef … -m PKCS8 | openssl pkey -pubin -outform DER | openssl md5 -c`.
const RSA: &str = "c3NoLXJzYSBBQUFBQjNOemFDMXljMkVBQUFBREFRQUJBQUFCQVFDM253TDYvM1Jla1E0SWRNRlVnZjFSWm1oM2s1VGdvTW54ZFRCcU5ocjdoK1ExcUxya0FyL0FIdGd2cnRhYnB3T3pwV1hmNHQ2L2lzS3lvRS9pYjkvQjl0dWpNQkcwdjlodGNxVlRMVTJ0RStiT2hwZTQwYllaUUcxRTkzc2VpMGpYNGd4WnkycWdScWJoOWVTY1l2MTE0SUxrbnAwaUorVDltUzFGM0g2MGd0THJtcnEwTnYyeDNEZys1T2duYkVxSTlwZlV0aHRGVmJGak9RWXgybFBtOG9meVR1L3ZaQlJJZFBVUG1ZSUJKNktJZkwrb0VLcnpaZ3Z2THA1bTBWeDVHazZXdTlLSTlONGZvdFBYL2d6cDkzd3R5T2R5R0lzWnpLUTVNYURzcWpXUXozUVl6YTJVTlFvMXJoTGVnQTN4UkJRYW9JOVZ4NHZjbTRhenpZQ1IgbWVAZXhhbXBsZQo=";
const RSA_FINGERPRINT: &str = "cc:8b:64:e5:3e:4a:7f:f1:34:a1:3e:23:4e:fd:20:e0";

#[test]
fn the_private_key_is_told_once() {
    let mut cloud = Cloud::new();
    for (kind, name, begins) in [
        ("", "usual", "-----BEGIN RSA PRIVATE KEY-----"),
        ("&KeyType=rsa", "old", "-----BEGIN RSA PRIVATE KEY-----"),
        ("&KeyType=ed25519", "new", "-----BEGIN OPENSSH PRIVATE KEY-----"),
    ] {
        let body = cloud.ask(&format!("Action=CreateKeyPair&KeyName={name}{kind}")).unwrap();
        assert!(first(&body, "keyMaterial").unwrap().starts_with(begins), "{name}");
        let describe = format!("Action=DescribeKeyPairs&KeyName.1={name}&IncludePublicKey=true");
        let told = cloud.ask(&describe).unwrap();
        assert_eq!(first(&told, "keyFingerprint"), first(&body, "keyFingerprint"));
        assert!(!told.contains("PRIVATE") && first(&told, "publicKey").unwrap().starts_with("ssh-"));
    }
    assert_eq!(cloud.ask("Action=CreateKeyPair&KeyName=old&KeyType=ed25519"), Err("InvalidKeyPair.Duplicate"));
    assert_eq!(cloud.ask("Action=CreateKeyPair&KeyName=x&KeyType=dsa"), Err("InvalidParameterValue"));
}

#[test]
fn a_key_is_imported_found_and_deleted() {
    let mut cloud = Cloud::new();
    let import = |name: &str, key: &str| {
        format!("Action=ImportKeyPair&KeyName={name}&PublicKeyMaterial={}", key.replace('+', "%2B"))
    };
    assert_eq!(cloud.get(&import("mine", PUBLIC), "keyFingerprint"), FINGERPRINT);
    assert_eq!(cloud.get(&import("older", RSA), "keyFingerprint"), RSA_FINGERPRINT);
    assert_eq!(cloud.ask(&import("bad", "bm90aGluZw==")), Err("InvalidKey.Format"));
    let by_print = format!(
        "Action=DescribeKeyPairs&Filter.1.Name=fingerprint&Filter.1.Value.1={}",
        FINGERPRINT.replace('+', "%2B")
    );
    assert_eq!(cloud.all(&by_print, "keyName"), ["mine"]);
    assert_eq!(cloud.all("Action=DescribeKeyPairs", "keyType"), ["ed25519", "rsa"]);
    let run = "Action=RunInstances&ImageId=ami-1a2b3c4d&MinCount=1&MaxCount=1&KeyName=";
    assert_eq!(cloud.get(&format!("{run}mine"), "keyName"), "mine");
    assert_eq!(cloud.ask(&format!("{run}nobody")), Err("InvalidKeyPair.NotFound"));
    cloud.ask("Action=DeleteKeyPair&KeyName=mine").unwrap();
    cloud.ask("Action=DeleteKeyPair&KeyName=mine").unwrap();
    assert_eq!(cloud.ask("Action=DescribeKeyPairs&KeyName.1=mine"), Err("InvalidKeyPair.NotFound"));
}

#[test]
fn an_rsa_key_is_made_before_it_is_wanted_and_given_once() {
    let mut cloud = Cloud::new();
    let form = |name: &str| format!("Action=CreateKeyPair&KeyName={name}");
    let preparation = |form: &str| {
        let request = Request::parse(&Call { path: "/", form, ..Call::default() }, Time(0));
        request.map_or(None, |request| request.preparation())
    };
    assert!(preparation(&format!("{}&KeyType=ed25519", form("one"))).is_none());
    preparation(&form("one")).unwrap()();
    let one = cloud.get(&form("one"), "keyMaterial");
    assert!(one.starts_with("-----BEGIN RSA PRIVATE KEY-----"));
    assert_ne!(cloud.get(&form("two"), "keyMaterial"), one);
}

#[test]
fn a_key_in_the_format_of_rfc_4716_is_the_same_key() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let mut cloud = Cloud::new();
    let line = String::from_utf8(STANDARD.decode(PUBLIC).unwrap()).unwrap();
    let (start, end) = line.split(' ').nth(1).unwrap().split_at(40);
    let headers = "Comment: \"two \\\nlines\"";
    let text = format!("---- BEGIN SSH2 PUBLIC KEY ----\n{headers}\n{start}\n{end}\n---- END SSH2 PUBLIC KEY ----\n");
    let sent = STANDARD.encode(text).replace('+', "%2B");
    let import = format!("Action=ImportKeyPair&KeyName=x&PublicKeyMaterial={sent}");
    assert_eq!(cloud.get(&import, "keyFingerprint"), FINGERPRINT);
}

#[test]
fn what_is_no_base64_in_a_pasted_key_does_not_matter() {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    let line = String::from_utf8(STANDARD.decode(PUBLIC).unwrap()).unwrap();
    let pasted = STANDARD.encode(line.replacen("AAAAC3", "AAAA\\C3", 1)).replace('+', "%2B");
    let mut cloud = Cloud::new();
    let import = format!("Action=ImportKeyPair&KeyName=mine&PublicKeyMaterial={pasted}");
    assert_eq!(cloud.get(&import, "keyFingerprint"), FINGERPRINT);
}
