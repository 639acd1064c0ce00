//! Messages that proxies have got wrong.

use super::*;

/// A server that reads the beginning of a request, says this, and hangs up.
async fn says(address: Ipv4Addr, answer: &'static str) -> JoinSet<()> {
    let listener = TcpListener::bind((address, INSIDE)).await.unwrap();
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            // A health check hangs up without a word.
            if stream.read(&mut [0; 4096]).await.is_ok_and(|read| read > 0) {
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        }
    });
    serving
}

/// What a balancer answers to this, until it closes.
async fn told(own: Ipv4Addr, requests: &str) -> String {
    let mut client = connect(own).await;
    client.write_all(requests.as_bytes()).await.unwrap();
    all(&mut client).await
}

#[tokio::test]
async fn requests_that_come_together_are_answered_in_their_order() {
    let [own, one, ..] = addresses();
    let _server = web(one).await;
    let _balancer = balancer(configuration(own, REQUESTS, &[one])).await;
    let both = "POST /a HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n0\r\n\r\n\
                HEAD /b HTTP/1.1\r\nHost: shop\r\n\r\n\
                GET /c HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n";
    let answers = told(own, both).await;
    let answers: Vec<&str> = answers.split("HTTP/1.1 200 OK\r\n").collect();
    let ["", first, head, last] = answers[..] else { panic!("{answers:?}") };
    assert!(first.contains(" /a shop ") && first.ends_with(" first"), "{first}");
    assert!(head.contains("content-length: ") && head.ends_with("\r\n\r\n"), "{head}");
    assert!(last.contains(" /c shop "), "{last}");
}

#[tokio::test]
async fn a_request_with_two_lengths_hides_no_other() {
    let [own, one, ..] = addresses();
    let _server = web(one).await;
    let _balancer = balancer(configuration(own, REQUESTS, &[one])).await;
    let hidden = "0\r\n\r\nGET /hidden HTTP/1.1\r\nHost: shop\r\n\r\n";
    for lengths in
        ["Content-Length: 48\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 48"]
    {
        let answer = told(own, &format!("POST /a HTTP/1.1\r\nHost: shop\r\n{lengths}\r\n\r\n{hidden}")).await;
        assert!(answer.contains(" /a shop ") && !answer.contains("/hidden"), "{answer}");
    }
    for lengths in
        ["Content-Length: 4\r\nContent-Length: 48", "Transfer-Encoding: chunked, identity", "Content-Length: +4"]
    {
        let answer = told(own, &format!("POST /a HTTP/1.1\r\nHost: shop\r\n{lengths}\r\n\r\n{hidden}")).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
    }
}

#[tokio::test]
async fn a_request_is_for_one_host() {
    let [own, one, ..] = addresses();
    let _server = web(one).await;
    let _balancer = balancer(configuration(own, REQUESTS, &[one])).await;
    let twice = told(own, "GET /a HTTP/1.1\r\nHost: shop\r\nHost: bank\r\nConnection: close\r\n\r\n").await;
    assert!(twice.starts_with("HTTP/1.1 400 "), "{twice}");
    let absolute = told(own, "GET http://bank:81/a HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n").await;
    assert!(absolute.contains(" /a bank:81 "), "{absolute}");
    // Nobody may have it removed.
    let removed = told(own, "GET /a HTTP/1.1\r\nHost: shop\r\nConnection: close, host\r\n\r\n").await;
    assert!(removed.contains(" /a shop "), "{removed}");
}

#[tokio::test]
async fn an_answer_has_the_version_of_the_clients_connection() {
    let [own, one, ..] = addresses();
    let _server = says(one, "HTTP/1.0 200 Fine\r\n\r\nuntil the end").await;
    let _balancer = balancer(configuration(own, REQUESTS, &[one])).await;
    let new = told(own, "GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n").await;
    assert!(new.starts_with("HTTP/1.1 200 ") && new.contains("transfer-encoding: chunked"), "{new}");
    let old = told(own, "GET / HTTP/1.0\r\n\r\n").await;
    assert!(old.starts_with("HTTP/1.0 200 ") && old.ends_with("\r\n\r\nuntil the end"), "{old}");
}

#[tokio::test]
async fn a_target_cannot_take_a_connection_out_of_http() {
    let [own, one, ..] = addresses();
    let _server = says(one, "HTTP/1.1 101 Switching\r\nUpgrade: chat\r\nConnection: upgrade\r\n\r\nhello").await;
    let _balancer = balancer(configuration(own, REQUESTS, &[one])).await;
    let ask = "GET / HTTP/1.1\r\nHost: shop\r\nUpgrade: chat\r\nConnection: upgrade, close\r\n\r\n";
    let answer = told(own, ask).await;
    assert!(answer.starts_with("HTTP/1.1 502 ") && !answer.contains("hello"), "{answer}");
}

#[tokio::test]
async fn what_a_target_says_before_its_answer_is_left_out() {
    let [own, one, ..] = addresses();
    let early = "HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi";
    let _server = says(one, early).await;
    let _balancer = balancer(configuration(own, REQUESTS, &[one])).await;
    let answer = told(own, "GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\nhi"), "{answer}");
}

#[tokio::test]
async fn one_address_cannot_take_all_places() {
    let [own, one, ..] = addresses();
    let _server = echo(one).await;
    let mut balancer = Balancer::new(8);
    balancer.configure(configuration(own, BYTES, &[one]));
    known(&balancer, one, Verdict::InService).await;
    let mut open = Vec::new();
    for _ in 0..2 {
        let mut client = connect(own).await;
        let mut greeting = vec![0; one.to_string().len()];
        client.read_exact(&mut greeting).await.unwrap();
        open.push(client);
    }
    assert_eq!(all(&mut connect(own).await).await, "", "it has its share");
    let other = tokio::net::TcpSocket::new_v4().unwrap();
    other.bind((one, 0).into()).unwrap();
    let mut other = other.connect((own, OUTSIDE).into()).await.unwrap();
    other.shutdown().await.unwrap();
    assert_eq!(all(&mut other).await, one.to_string());
}
