//! A line to the server as a phone has it: one request per connection, an
//! answer that is whole or counts as none. Knows HTTP/1.1 as far as our own
//! server speaks it, and the session cookie; retries nothing. What a killed
//! server leaves half-sent is an error here, never a short answer.

use serde_json::Value as Json;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(20);
const COOKIE: &str = "zf_session=";

/// An answer.
pub struct Reply {
    /// Status.
    pub status: u16,
    headers: Vec<(String, String)>,
    /// Body, whole.
    pub body: Vec<u8>,
}

impl Reply {
    /// A header by its name in small letters.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(n, _)| n == name);
        found.map(|(_, value)| value.as_str())
    }

    /// A header that is a number.
    pub fn number(&self, name: &str) -> Option<u64> {
        self.header(name)?.trim().parse().ok()
    }

    /// The body; null when it is no JSON.
    pub fn json(&self) -> Json {
        serde_json::from_slice(&self.body).unwrap_or(Json::Null)
    }
}

/// A line with a session.
#[derive(Clone)]
pub struct Line {
    address: SocketAddr,
    /// Value of the session cookie.
    pub session: Option<String>,
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, what.to_owned())
}

impl Line {
    /// A line without a session.
    pub fn to(address: SocketAddr) -> Line {
        Line {
            address,
            session: None,
        }
    }

    /// One request below `/api/v1`, or of a whole address that begins with `/api/`.
    ///
    /// # Errors
    /// No connection, or an answer that is not whole.
    pub fn call(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, String)],
        body: &[u8],
    ) -> io::Result<Reply> {
        let path = match path.starts_with("/api/") || path == "/livez" {
            true => path.to_owned(),
            false => format!("/api/v1{path}"),
        };
        let head = self.head(method, &path, headers, body.len());
        let mut stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_write_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        stream.write_all(&[head.as_bytes(), body].concat())?;
        let mut all = Vec::new();
        stream.read_to_end(&mut all)?;
        read(&all, method == "HEAD")
    }

    fn head(&self, method: &str, path: &str, headers: &[(&str, String)], length: usize) -> String {
        let mut head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\nx-zoufang: 1\r\ncontent-length: {}\r\n",
            self.address, length
        );
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if let Some(session) = &self.session {
            head.push_str(&format!("cookie: {COOKIE}{session}\r\n"));
        }
        head.push_str("\r\n");
        head
    }

    /// Sends a request and hangs up before the answer, as a phone does that drives
    /// into a valley: the server may have done everything.
    ///
    /// # Errors
    /// Always: there is no answer.
    pub fn post_and_hang_up(&self, path: &str, body: &Json, after: Duration) -> io::Result<Reply> {
        let body = body.to_string();
        let mut stream = TcpStream::connect_timeout(&self.address, PATIENCE)?;
        let kind = [("content-type", "application/json".to_owned())];
        let head = self.head("POST", &format!("/api/v1{path}"), &kind, body.len());
        stream.write_all(&[head.as_bytes(), body.as_bytes()].concat())?;
        std::thread::sleep(after);
        Err(broken("hung up"))
    }

    /// One request with a JSON body.
    ///
    /// # Errors
    /// As [`Line::call`].
    pub fn post(&self, path: &str, body: &Json) -> io::Result<Reply> {
        let kind = [("content-type", "application/json".to_owned())];
        self.call("POST", path, &kind, body.to_string().as_bytes())
    }

    /// Reads.
    ///
    /// # Errors
    /// As [`Line::call`].
    pub fn get(&self, path: &str) -> io::Result<Reply> {
        self.call("GET", path, &[], &[])
    }

    /// Signs in and keeps the session; gives the answer's status.
    ///
    /// # Errors
    /// As [`Line::call`].
    pub fn sign_in(&mut self, login: &str, password: &str) -> io::Result<u16> {
        let body = serde_json::json!({ "login": login, "password": password });
        let said = self.post("/sign-in", &body)?;
        let cookie = said.header("set-cookie").unwrap_or_default();
        if let Some(rest) = cookie.strip_prefix(COOKIE) {
            self.session = rest.split(';').next().map(str::to_owned);
        }
        Ok(said.status)
    }
}

fn read(all: &[u8], bodiless: bool) -> io::Result<Reply> {
    let end = all.windows(4).position(|w| w == b"\r\n\r\n");
    let end = end.ok_or_else(|| broken("no whole head"))?;
    let head = String::from_utf8_lossy(&all[..end]);
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|l| l.split(' ').nth(1));
    let status = status.and_then(|s| s.parse().ok());
    let headers = lines.filter_map(|l| l.split_once(':'));
    let headers = headers.map(|(n, v)| (n.trim().to_ascii_lowercase(), v.trim().to_owned()));
    let mut reply = Reply {
        status: status.ok_or_else(|| broken("no status"))?,
        headers: headers.collect(),
        body: vec![],
    };
    let rest = &all[end + 4..];
    if bodiless || matches!(reply.status, 204 | 304) {
        return Ok(reply);
    }
    reply.body = match reply.header("transfer-encoding") {
        Some("chunked") => chunks(rest)?,
        _ => {
            let length = reply.number("content-length");
            let length = length.and_then(|n| usize::try_from(n).ok());
            let whole = length.and_then(|n| rest.get(..n));
            whole.ok_or_else(|| broken("a torn body"))?.to_vec()
        }
    };
    Ok(reply)
}

fn chunks(mut rest: &[u8]) -> io::Result<Vec<u8>> {
    let torn = || broken("a torn body");
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|w| w == b"\r\n");
        let end = end.ok_or_else(torn)?;
        let size = std::str::from_utf8(&rest[..end]).ok();
        let size = size.and_then(|s| usize::from_str_radix(s.trim(), 16).ok());
        let size = size.ok_or_else(torn)?;
        if size == 0 {
            return Ok(body);
        }
        body.extend_from_slice(rest.get(end + 2..end + 2 + size).ok_or_else(torn)?);
        rest = rest.get(end + 4 + size..).ok_or_else(torn)?;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_a_killed_server_left_half_sent_is_none() {
        let whole = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nUpload-Offset: 17\r\n\r\nabcd";
        let said = read(whole, false).unwrap();
        assert_eq!((said.status, said.body.as_slice()), (200, &b"abcd"[..]));
        assert_eq!(said.number("upload-offset"), Some(17));
        for cut in 0..whole.len() {
            assert!(read(&whole[..cut], false).is_err(), "{cut}");
        }
        let parts = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n";
        assert_eq!(read(parts, false).unwrap().body, b"abcde");
        assert!(read(&parts[..parts.len() - 7], false).is_err());
    }
}
