//! What users have beside access keys, and what bounds them.

use super::sent;
use crate::api::tests::{Cloud, first, texts};

/// An RSA key as SSH has it, and a certificate, both made for this test and used for nothing.
const SSH_KEY: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAQQC7 me@example";

#[test]
fn a_user_has_a_password_of_which_it_is_freed_before_it_goes() {
    let mut cloud = Cloud::new();
    cloud.iam("CreateUser&UserName=alice").unwrap();
    assert_eq!(cloud.iam("GetLoginProfile&UserName=alice"), Err("NoSuchEntity"));
    let made = cloud.iam("CreateLoginProfile&UserName=alice&Password=secret-Secret-1").unwrap();
    assert_eq!(first(&made, "PasswordResetRequired").unwrap(), "false");
    assert_eq!(cloud.iam("CreateLoginProfile&UserName=alice&Password=x"), Err("EntityAlreadyExists"));
    cloud.iam("UpdateLoginProfile&UserName=alice&PasswordResetRequired=true").unwrap();
    let shown = cloud.iam("GetLoginProfile&UserName=alice").unwrap();
    assert_eq!(first(&shown, "PasswordResetRequired").unwrap(), "true");
    assert_eq!(cloud.iam("DeleteUser&UserName=alice"), Err("DeleteConflict"));
    cloud.iam("DeleteLoginProfile&UserName=alice").unwrap();
    cloud.iam("DeleteUser&UserName=alice").unwrap();
}

#[test]
fn ssh_keys_certificates_and_passwords_of_services_are_listed_switched_off_and_deleted() {
    let mut cloud = Cloud::new();
    cloud.iam("CreateUser&UserName=alice").unwrap();
    let key = cloud.iam(&format!("UploadSSHPublicKey&UserName=alice&SSHPublicKeyBody={}", sent(SSH_KEY))).unwrap();
    assert_eq!(first(&key, "Fingerprint").unwrap().len(), 47);
    let key = first(&key, "SSHPublicKeyId").unwrap();
    assert_eq!(cloud.iam("UploadSSHPublicKey&UserName=alice&SSHPublicKeyBody=x"), Err("InvalidPublicKey"));
    cloud.iam(&format!("UpdateSSHPublicKey&UserName=alice&SSHPublicKeyId={key}&Status=Inactive")).unwrap();
    assert_eq!(texts(&cloud.iam("ListSSHPublicKeys&UserName=alice").unwrap(), "Status"), ["Inactive"]);
    let get = |encoding: &str| format!("GetSSHPublicKey&UserName=alice&SSHPublicKeyId={key}&Encoding={encoding}");
    assert_eq!(first(&cloud.iam(&get("SSH")).unwrap(), "SSHPublicKeyBody").unwrap(), SSH_KEY);
    assert_eq!(cloud.iam(&get("X")), Err("UnrecognizedPublicKeyEncoding"));

    let bad = "UploadSigningCertificate&UserName=alice&CertificateBody=x";
    assert_eq!(cloud.iam(bad), Err("MalformedCertificate"));
    let pem = sent("-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n");
    let upload = format!("UploadSigningCertificate&UserName=alice&CertificateBody={pem}");
    let certificate = first(&cloud.iam(&upload).unwrap(), "CertificateId").unwrap();
    cloud.iam(&upload).unwrap();
    assert_eq!(cloud.iam(&upload), Err("LimitExceeded"));
    cloud.iam(&format!("DeleteSigningCertificate&UserName=alice&CertificateId={certificate}")).unwrap();
    assert_eq!(texts(&cloud.iam("ListSigningCertificates&UserName=alice").unwrap(), "Status"), ["Active"]);

    let create = "CreateServiceSpecificCredential&UserName=alice&ServiceName=codecommit.amazonaws.com";
    let service = cloud.iam(create).unwrap();
    assert_eq!(first(&service, "ServiceUserName").unwrap(), "alice-at-111122223333");
    let listed = cloud.iam("ListServiceSpecificCredentials&UserName=alice").unwrap();
    assert_eq!((texts(&listed, "Status").len(), first(&listed, "ServicePassword")), (1, None));
    assert_eq!(
        cloud.iam(&format!("DeleteSSHPublicKey&UserName=alice&SSHPublicKeyId={certificate}")),
        Err("NoSuchEntity")
    );
    assert_eq!(cloud.iam("DeleteUser&UserName=alice"), Err("DeleteConflict"));
}

#[test]
fn a_device_is_made_given_taken_back_and_deleted() {
    let mut cloud = Cloud::new();
    cloud.iam("CreateUser&UserName=alice").unwrap();
    let serial =
        first(&cloud.iam("CreateVirtualMFADevice&VirtualMFADeviceName=phone").unwrap(), "SerialNumber").unwrap();
    assert_eq!(serial, "arn:aws:iam::111122223333:mfa/phone");
    assert_eq!(cloud.iam("CreateVirtualMFADevice&VirtualMFADeviceName=phone"), Err("EntityAlreadyExists"));
    let of = |action: &str, more: &str| format!("{action}&UserName=alice&SerialNumber={serial}{more}");
    let enable = of("EnableMFADevice", "&AuthenticationCode1=123456&AuthenticationCode2=654321");
    assert_eq!(cloud.iam(&enable.replace("654321", "x")), Err("InvalidAuthenticationCode"));
    cloud.iam(&enable).unwrap();
    assert_eq!(cloud.iam(&enable), Err("EntityAlreadyExists"));
    cloud.iam("UpdateUser&UserName=alice&NewUserName=anna").unwrap();
    assert_eq!(texts(&cloud.iam("ListMFADevices&UserName=anna").unwrap(), "UserName"), ["anna"]);
    let assigned = "ListVirtualMFADevices&AssignmentStatus=Assigned";
    assert_eq!(texts(&cloud.iam(assigned).unwrap(), "UserName"), ["anna"]);
    assert_eq!(cloud.iam(&format!("DeleteVirtualMFADevice&SerialNumber={serial}")), Err("DeleteConflict"));
    assert_eq!(cloud.iam("DeleteUser&UserName=anna"), Err("DeleteConflict"));
    cloud.iam(&of("DeactivateMFADevice", "").replace("alice", "anna")).unwrap();
    cloud.iam(&format!("DeleteVirtualMFADevice&SerialNumber={serial}")).unwrap();
    assert!(texts(&cloud.iam("ListVirtualMFADevices").unwrap(), "SerialNumber").is_empty());
}

#[test]
fn a_boundary_is_the_most_that_a_user_may() {
    let mut cloud = Cloud::new();
    let alice = cloud.user("alice");
    let all = "arn:aws:iam::aws:policy/AdministratorAccess";
    let reads = "arn:aws:iam::aws:policy/AmazonVPCReadOnlyAccess";
    cloud.iam(&format!("AttachUserPolicy&UserName=alice&PolicyArn={all}")).unwrap();
    assert_eq!(
        cloud.iam(&format!("PutUserPermissionsBoundary&UserName=alice&PermissionsBoundary={all}x")),
        Err("NoSuchEntity")
    );
    cloud.iam(&format!("PutUserPermissionsBoundary&UserName=alice&PermissionsBoundary={reads}")).unwrap();
    assert_eq!(first(&cloud.iam("GetUser&UserName=alice").unwrap(), "PermissionsBoundaryArn").unwrap(), reads);
    let create = "Action=CreateVpc&CidrBlock=10.0.0.0/16";
    cloud.account = alice;
    assert_eq!(cloud.ask(create), Err("UnauthorizedOperation"));
    cloud.ask("Action=DescribeVpcs").unwrap();
    cloud.account = "111122223333";
    let simulate = "SimulatePrincipalPolicy&PolicySourceArn=arn:aws:iam::111122223333:user/alice&ActionNames.member.1=ec2:CreateVpc";
    assert_eq!(first(&cloud.iam(simulate).unwrap(), "EvalDecision").unwrap(), "implicitDeny");
    let entities = format!("ListEntitiesForPolicy&PolicyArn={reads}&PolicyUsageFilter=PermissionsBoundary");
    assert_eq!(texts(&cloud.iam(&entities).unwrap(), "UserName"), ["alice"]);
    cloud.iam("DeleteUserPermissionsBoundary&UserName=alice").unwrap();
    cloud.account = alice;
    cloud.ask(create).unwrap();
}

#[test]
fn a_role_of_a_service_is_made_once_and_deleted_its_own_way() {
    let mut cloud = Cloud::new();
    let create = "CreateServiceLinkedRole&AWSServiceName=autoscaling.amazonaws.com";
    let made = cloud.iam(create).unwrap();
    let arn = "arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
    assert_eq!(first(&made, "Arn").unwrap(), arn);
    assert_eq!(cloud.iam(create), Err("InvalidInput"));
    cloud.iam(&format!("{create}&CustomSuffix=two")).unwrap();
    let name = "RoleName=AWSServiceRoleForAutoScaling";
    cloud.iam("CreateInstanceProfile&InstanceProfileName=web").unwrap();
    let trust = super::trust(r#"{"AWS":"111122223333"}"#);
    for action in [
        format!("DeleteRole&{name}"),
        format!("AttachRolePolicy&{name}&PolicyArn=arn:aws:iam::aws:policy/AdministratorAccess"),
        format!("PutRolePolicy&{name}&PolicyName=all&PolicyDocument={}", sent(super::ALL)),
        format!("PutRolePermissionsBoundary&{name}&PermissionsBoundary=arn:aws:iam::aws:policy/AdministratorAccess"),
        format!("UpdateAssumeRolePolicy&{name}&PolicyDocument={trust}"),
        format!("AddRoleToInstanceProfile&{name}&InstanceProfileName=web"),
        format!("CreateRole&RoleName=own&Path=/aws-service-role/own/&AssumeRolePolicyDocument={trust}"),
    ] {
        assert_eq!(cloud.iam(&action), Err("UnmodifiableEntity"), "{action}");
    }
    cloud.iam(&format!("UpdateRoleDescription&{name}&Description=scales")).unwrap();
    let task = first(&cloud.iam(&format!("DeleteServiceLinkedRole&{name}")).unwrap(), "DeletionTaskId").unwrap();
    let status = cloud.iam(&format!("GetServiceLinkedRoleDeletionStatus&DeletionTaskId={task}")).unwrap();
    assert_eq!(first(&status, "Status").unwrap(), "SUCCEEDED");
    assert_eq!(cloud.iam(&format!("GetRole&{name}")), Err("NoSuchEntity"));
}

#[test]
fn services_name_their_roles_and_say_whether_there_are_several() {
    let mut cloud = Cloud::new();
    let role = cloud.iam("CreateServiceLinkedRole&AWSServiceName=acm.amazonaws.com").unwrap();
    assert_eq!(first(&role, "RoleName").unwrap(), "AWSServiceRoleForCertificateManager");
    let attached = cloud.iam("ListAttachedRolePolicies&RoleName=AWSServiceRoleForCertificateManager").unwrap();
    assert_eq!(
        first(&attached, "PolicyArn").unwrap(),
        "arn:aws:iam::aws:policy/aws-service-role/CertificateManagerServiceRolePolicy"
    );
    let one_more =
        |service: &str| format!("CreateServiceLinkedRole&AWSServiceName={service}.amazonaws.com&CustomSuffix=two");
    assert_eq!(cloud.iam(&one_more("acm")), Err("InvalidInput"));
    let second = cloud.iam(&one_more("autoscaling")).unwrap();
    assert_eq!(first(&second, "RoleName").unwrap(), "AWSServiceRoleForAutoScaling_two");
    assert_eq!(cloud.iam(&one_more("autoscaling")), Err("InvalidInput"));
}

#[test]
fn refusals_have_iams_words() {
    let mut cloud = Cloud::new();
    cloud.iam("CreateUser&UserName=alice").unwrap();
    let policy = "arn:aws:iam::111122223333:policy/p";
    for (action, words) in [
        ("AttachUserPolicy&UserName=alice&PolicyArn=p".to_owned(), "Invalid ARN:  Could not be parsed!"),
        (format!("DeletePolicy&PolicyArn={policy}"), "Policy arn:aws:iam::111122223333:policy/p was not found."),
        ("GetUserPolicy&UserName=alice&PolicyName=p".into(), "The user policy with name p cannot be found."),
        ("AddUserToGroup&UserName=bob&GroupName=g".into(), "The user with name bob cannot be found."),
        (
            "CreateServiceSpecificCredential&UserName=alice&ServiceName=tea.amazonaws.com".into(),
            "No such service tea.amazonaws.com is supported for Service Specific Credentials",
        ),
        (
            "DeleteServiceSpecificCredential&UserName=alice&ServiceSpecificCredentialId=tea".into(),
            "No such credential tea exists",
        ),
        (
            "DeleteSigningCertificate&UserName=alice&CertificateId=tea".into(),
            "The Certificate with id tea cannot be found.",
        ),
    ] {
        let refusal = cloud.refusal(&format!("Action={action}&{}", super::IAM));
        assert_eq!(first(&refusal, "Message").unwrap(), words);
    }
    cloud.iam("CreateServiceSpecificCredential&UserName=alice&ServiceName=codecommit.amazonaws.com").unwrap();
    assert_eq!(cloud.iam("DeleteUser&UserName=alice"), Err("DeleteConflict"));
}

#[test]
fn devices_have_tags_and_are_kept_in_step() {
    let mut cloud = Cloud::new();
    cloud.iam("CreateUser&UserName=alice").unwrap();
    let device = cloud.iam("CreateVirtualMFADevice&VirtualMFADeviceName=phone").unwrap();
    assert!(first(&device, "QRCodePNG").unwrap().starts_with("iVBORw0KGgo"), "an image in PNG");
    let serial = format!("SerialNumber={}", first(&device, "SerialNumber").unwrap());
    cloud.iam(&format!("TagMFADevice&{serial}&Tags.member.1.Key=a&Tags.member.1.Value=b")).unwrap();
    assert_eq!(texts(&cloud.iam(&format!("ListMFADeviceTags&{serial}")).unwrap(), "Key"), ["a"]);
    cloud.iam(&format!("UntagMFADevice&{serial}&TagKeys.member.1=a")).unwrap();
    assert!(texts(&cloud.iam(&format!("ListMFADeviceTags&{serial}")).unwrap(), "Key").is_empty());
    let codes = "UserName=alice&AuthenticationCode1=123456&AuthenticationCode2=654321";
    assert_eq!(cloud.iam(&format!("ResyncMFADevice&{serial}&{codes}")), Err("NoSuchEntity"));
    cloud.iam(&format!("EnableMFADevice&{serial}&{codes}")).unwrap();
    cloud.iam(&format!("ResyncMFADevice&{serial}&{codes}")).unwrap();
    assert_eq!(first(&cloud.iam(&format!("GetMFADevice&{serial}")).unwrap(), "UserName").as_deref(), Some("alice"));
}

#[test]
fn a_policys_keys_are_told() {
    let mut cloud = Cloud::new();
    let policy = sent(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:*","Resource":"arn:aws:iam::*:user/${aws:username}",
            "Condition":{"Bool":{"aws:SecureTransport":"true"}}}}"#,
    );
    let custom = format!("GetContextKeysForCustomPolicy&PolicyInputList.member.1={policy}");
    assert_eq!(texts(&cloud.iam(&custom).unwrap(), "member"), ["aws:SecureTransport", "aws:username"]);
    let tagged = sent(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*",
            "Condition":{"StringEquals":{"aws:ResourceTag/team":"${aws:PrincipalTag/team}"}}}}"#,
    );
    let keys = cloud.iam(&format!("GetContextKeysForCustomPolicy&PolicyInputList.member.1={tagged}")).unwrap();
    assert_eq!(texts(&keys, "member"), ["aws:PrincipalTag/team", "aws:ResourceTag/team"]);
    cloud.iam("CreateUser&UserName=alice").unwrap();
    cloud.iam(&format!("PutUserPolicy&UserName=alice&PolicyName=p&PolicyDocument={policy}")).unwrap();
    let simulate = format!("SimulateCustomPolicy&PolicyInputList.member.1={policy}&ActionNames.member.1=iam:GetUser");
    let context = "ContextEntries.member.1.ContextKeyName=aws:username&ContextEntries.member.1.ContextKeyType=string\
                   &ContextEntries.member.1.ContextKeyValues.member.1=alice";
    let simulated = cloud.iam(&format!("{simulate}&{context}")).unwrap();
    assert!(
        simulated.contains("<MissingContextValues><member>aws:SecureTransport</member></MissingContextValues>"),
        "{simulated}"
    );
    let own = "GetContextKeysForPrincipalPolicy&PolicySourceArn=arn:aws:iam::111122223333:user/alice";
    assert_eq!(texts(&cloud.iam(own).unwrap(), "member").len(), 2);
}

#[test]
fn who_may_ask_about_a_key_is_a_matter_of_its_user() {
    let mut cloud = Cloud::new();
    let (alice, bob) = (cloud.user("alice"), cloud.user("bob"));
    let own = sent(
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"iam:GetAccessKeyLastUsed",
            "Resource":"arn:aws:iam::111122223333:user/alice"}}"#,
    );
    cloud.iam(&format!("PutUserPolicy&UserName=alice&PolicyName=own&PolicyDocument={own}")).unwrap();
    cloud.account = alice;
    cloud.iam(&format!("GetAccessKeyLastUsed&AccessKeyId={alice}")).unwrap();
    assert_eq!(cloud.iam(&format!("GetAccessKeyLastUsed&AccessKeyId={bob}")), Err("AccessDenied"));
    assert_eq!(cloud.iam("GetAccessKeyLastUsed&AccessKeyId=AKIATEA"), Err("AccessDenied"));
}
