//! Targets that refuse connections before a check has found that out.

use super::*;

/// A configuration whose targets stay in service whatever becomes of them.
fn unchecked(own: Ipv4Addr, carries: Carries, targets: &[Ipv4Addr]) -> Configuration {
    let mut configured = configuration(own, carries, targets);
    configured.check.unhealthy_threshold = u32::MAX;
    configured
}

#[tokio::test]
async fn a_connection_that_a_target_refuses_goes_to_another_one() {
    let [own, one, other, ..] = addresses();
    let (mut gone, _there) = (echo(one).await, echo(other).await);
    let _balancer = balancer(unchecked(own, BYTES, &[one, other])).await;
    gone.shutdown().await;
    for _ in 0..4 {
        let mut client = connect(own).await;
        client.shutdown().await.unwrap();
        assert_eq!(all(&mut client).await, other.to_string());
    }
}

#[tokio::test]
async fn a_request_whose_target_refuses_connections_goes_to_another_one_with_its_body() {
    let [own, one, other, ..] = addresses();
    let (mut gone, mut there) = (web(one).await, web(other).await);
    let sticky = Carries::Requests { stickiness: Some(Stickiness::Duration(None)) };
    let _balancer = balancer(unchecked(own, sticky, &[one, other])).await;
    let browser = browser();
    let mut cookie = String::new();
    while cookie.is_empty() {
        let (_, server, _, set) = get(&browser, own, "/", &[]).await;
        cookie = if server == one.to_string() { set } else { String::new() };
    }
    gone.shutdown().await;
    let pair = cookie.split(';').next().unwrap();
    // A request may still take the connection that the balancer kept open, and learn that it is closed.
    let answered = async { while get(&browser, own, "/", &[("cookie", pair)]).await.0 != 200 {} };
    timeout(DEADLINE, answered).await.expect("another target answers");
    for _ in 0..4 {
        let post =
            Request::post(format!("http://{own}:{OUTSIDE}/")).header("cookie", pair).body(Full::from("all of it"));
        let response = timeout(DEADLINE, browser.request(post.unwrap())).await.unwrap().unwrap();
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()["x-server"], other.to_string());
        assert!(response.headers().contains_key("set-cookie"), "it is bound to the other");
        assert!(response.into_body().collect().await.unwrap().to_bytes().ends_with(b"all of it"));
    }
    there.shutdown().await;
    assert_eq!(get(&browser, own, "/", &[]).await.0, 502, "nobody is left");
}
