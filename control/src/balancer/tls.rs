//! TLS on both sides of a balancer: it is terminated where a listener has a certificate, and used towards instances
//! where their protocol asks for it.

use super::CONNECT_WITHIN;
use super::configuration::Certificate;
use hyper::Uri;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::sync::{Arc, LazyLock};
use std::task::{Context, Poll};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::crypto::{WebPkiSupportedAlgorithms, ring, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use tokio_rustls::rustls::{ClientConfig, DigitallySignedStruct, Error, ServerConfig, SignatureScheme};
use tokio_rustls::{TlsAcceptor, TlsConnector};
use tower_service::Service;

/// Why a certificate cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The certificate or its key is not valid PEM.
    #[error("no PEM: {0}")]
    Pem(#[from] pem::Error),
    /// The key does not fit the certificate, or its kind is not supported.
    #[error("{0}")]
    Use(#[from] Error),
}

/// Accepts TLS connections with a certificate.
///
/// # Errors
/// [`TlsError`] if the certificate cannot be used.
pub fn acceptor(certificate: &Certificate) -> Result<TlsAcceptor, TlsError> {
    let chain = CertificateDer::pem_slice_iter(certificate.chain.as_bytes()).collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(certificate.key.as_bytes())?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Accepts any certificate of an instance: balancers do not verify them (ELB user guide, "Configure an HTTPS load
/// balancer").
#[derive(Debug)]
struct Anyone(WebPkiSupportedAlgorithms);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, certificate, signature, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, certificate, signature, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

static TO_INSTANCES: LazyLock<Option<TlsConnector>> = LazyLock::new(|| {
    let provider = Arc::new(ring::default_provider());
    let verifier = Arc::new(Anyone(provider.signature_verification_algorithms));
    let config = ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().ok()?;
    let config = config.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    Some(TlsConnector::from(Arc::new(config)))
});

/// Begins TLS with an instance on an open connection.
pub async fn connect(stream: TcpStream, address: Ipv4Addr) -> io::Result<TlsStream<TcpStream>> {
    let connector = TO_INSTANCES.as_ref().ok_or_else(|| io::Error::other("TLS is not to be had"))?;
    connector.connect(ServerName::from(IpAddr::V4(address)), stream).await
}

/// A connection to an instance.
pub enum ToInstance {
    /// Without TLS.
    Plain(TcpStream),
    /// Inside TLS.
    Secure(Box<TlsStream<TcpStream>>),
}

/// Handles both kinds of connection alike.
macro_rules! either {
    ($stream:expr, $inner:ident => $do:expr) => {
        match $stream.get_mut() {
            ToInstance::Plain($inner) => $do,
            ToInstance::Secure($inner) => $do,
        }
    };
}

impl AsyncRead for ToInstance {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        either!(self, inner => Pin::new(inner).poll_read(cx, buffer))
    }
}

impl AsyncWrite for ToInstance {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        either!(self, inner => Pin::new(inner).poll_write(cx, bytes))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, inner => Pin::new(inner).poll_flush(cx))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        either!(self, inner => Pin::new(inner).poll_shutdown(cx))
    }
}

impl Connection for ToInstance {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

/// Connects to instances, with TLS if the URL's scheme asks for it.
#[derive(Clone, Debug)]
pub struct Connector(HttpConnector);

impl Connector {
    /// Uses `tcp` for the connections.
    pub fn over(mut tcp: HttpConnector) -> Connector {
        tcp.enforce_http(false);
        Connector(tcp)
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<ToInstance>;
    type Error = io::Error;
    type Future = Pin<Box<dyn Future<Output = io::Result<Self::Response>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.0.poll_ready(cx).map_err(io::Error::other)
    }

    fn call(&mut self, to: Uri) -> Self::Future {
        let address = to.host().and_then(|host| host.parse::<Ipv4Addr>().ok());
        let secure = to.scheme_str() == Some("https");
        let connecting = self.0.call(to);
        Box::pin(async move {
            let stream = connecting.await.map_err(io::Error::other)?.into_inner();
            let stream = match (secure, address) {
                (true, Some(address)) => {
                    ToInstance::Secure(Box::new(timeout(CONNECT_WITHIN, connect(stream, address)).await??))
                }
                (true, None) => return Err(io::Error::other("an instance is known by its address")),
                (false, _) => ToInstance::Plain(stream),
            };
            Ok(TokioIo::new(stream))
        })
    }
}
