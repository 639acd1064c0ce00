//! A minimal client of the API, so that measurements have little of the client in them.

use super::Obstacle;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};

/// A persistent connection to the API.
pub struct Client(BufReader<TcpStream>);

impl Client {
    /// Connects to an endpoint.
    pub fn to(endpoint: SocketAddr) -> Result<Client, Obstacle> {
        let connection = TcpStream::connect(endpoint)?;
        connection.set_nodelay(true)?;
        Ok(Client(BufReader::with_capacity(1 << 16, connection)))
    }

    /// Sends a request, given as a form, and reads the whole reply.
    ///
    /// # Errors
    /// If the reply is not a success.
    pub fn ask(&mut self, form: &str) -> Result<(), Obstacle> {
        let head = "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded";
        let request = format!("{head}\r\nContent-Length: {}\r\n\r\n{form}", form.len());
        self.0.get_mut().write_all(request.as_bytes())?;
        let (mut line, mut length, mut status) = (String::new(), 0, String::new());
        while line != "\r\n" {
            line.clear();
            if self.0.read_line(&mut line)? == 0 {
                return Err("the connection was closed".into());
            }
            if status.is_empty() {
                status.clone_from(&line);
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse()?;
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body)?;
        match status.contains(" 200 ") {
            true => Ok(()),
            false => Err(format!("{form}: {}", String::from_utf8_lossy(&body)).into()),
        }
    }
}
