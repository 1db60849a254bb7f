//! A request as it came over the wire, and what can be read out of it.

use std::io;

use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

/// Bytes of a request at most: no provider asks about a lead with more.
const REQUEST_BYTES_MAX: usize = 1024 * 1024;
/// Characters of base64 that are worth decoding.
const BASE64_RUN_MIN: usize = 8;

/// A request that a server got.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Received {
    /// The request line.
    pub(super) line: String,
    /// The headers, in their order.
    pub(super) headers: Vec<(String, String)>,
    /// The body, as it was sent.
    pub(super) body: Vec<u8>,
}

impl Received {
    /// Reads a request; nothing if the connection is closed before there is one.
    pub(super) async fn read(stream: &mut TcpStream) -> io::Result<Option<Self>> {
        let mut bytes = Vec::new();
        loop {
            if let Some(received) = Self::parse(&bytes) {
                return Ok(Some(received));
            }
            let length = stream.read_buf(&mut bytes).await?;
            if length == 0 || bytes.len() > REQUEST_BYTES_MAX {
                return Ok(None);
            }
        }
    }

    /// The request, once it is there wholly. A body in chunks is kept with their sizes in between.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&bytes[..end]);
        let body = &bytes[end + 4..];
        let mut lines = head.split("\r\n");
        let line = lines.next()?.to_owned();
        let headers: Vec<_> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        let header = |name: &str| {
            headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.as_str())
        };
        let body = if header("transfer-encoding").is_some() {
            body.ends_with(b"0\r\n\r\n").then_some(body)?
        } else {
            let length = header("content-length").and_then(|length| length.parse().ok());
            body.get(..length.unwrap_or(0))?
        };
        let body = body.to_vec();
        Some(Self { line, headers, body })
    }

    /// Whether the connection is to be closed behind the answer.
    pub(super) fn wants_close(&self) -> bool {
        let mut connection = self.headers.iter().filter(|(name, _)| name == "connection");
        connection.any(|(_, value)| value.eq_ignore_ascii_case("close"))
    }

    /// The whole of it as a text.
    pub(super) fn text(&self) -> String {
        let mut text = format!("{}\n", self.line);
        for (name, value) in &self.headers {
            text.push_str(&format!("{name}: {value}\n"));
        }
        text.push_str(&String::from_utf8_lossy(&self.body));
        text
    }

    /// What a parameter of the query says, as often as it is there.
    pub(super) fn query(&self, name: &str) -> Vec<String> {
        let target = self.line.split(' ').nth(1).unwrap_or_default();
        let query = target.split_once('?').map_or("", |(_, query)| query);
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs
            .filter(|(other, _)| percent_decoded(other, true) == name)
            .map(|(_, value)| percent_decoded(value, true))
            .collect()
    }

    /// The request without these headers or this parameter of the query.
    pub(super) fn without(&self, header: Option<&str>, parameter: Option<&str>) -> Self {
        let mut rest = self.clone();
        rest.headers
            .retain(|(name, _)| header.is_none_or(|header| !name.eq_ignore_ascii_case(header)));
        if let Some((before, query)) = self.line.split_once('?')
            && let Some(parameter) = parameter
        {
            let (query, version) = query.split_once(' ').unwrap_or((query, ""));
            let others = query.split('&').filter(|pair| {
                let name = pair.split_once('=').map_or(*pair, |(name, _)| name);
                percent_decoded(name, true) != parameter
            });
            let others: Vec<_> = others.collect();
            rest.line = format!("{before}?{} {version}", others.join("&"));
        }
        rest
    }
}

/// The names of the parameters of a query or a form.
pub(super) fn form_names(form: &str) -> Vec<String> {
    let pairs = form.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| percent_decoded(pair.split_once('=').map_or(pair, |(name, _)| name), true))
        .collect()
}

/// All that a text says, in the encodings that hide something from a plain search: as it is,
/// percent-decoded, with the escapes of JSON resolved, and what runs of base64 hold.
pub(super) fn views(text: &str) -> String {
    [text_views(text), base64_runs(text)].join("\n")
}

/// The same without base64, of which noise has short words in it.
pub(super) fn text_views(text: &str) -> String {
    let decoded = [false, true].map(|plus_is_space| percent_decoded(text, plus_is_space));
    [text, &decoded[0], &decoded[1], &json_unescaped(text)].join("\n")
}

fn percent_decoded(text: &str, plus_is_space: bool) -> String {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut index = 0;
    while index < bytes.len() {
        let hex = text.get(index + 1..index + 3).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (bytes[index], hex) {
            (b'%', Some(byte)) => {
                decoded.push(byte);
                index += 2;
            }
            (b'+', _) if plus_is_space => decoded.push(b' '),
            (byte, _) => decoded.push(byte),
        }
        index += 1;
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn json_unescaped(text: &str) -> String {
    let mut unescaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        unescaped.push_str(before);
        let code = behind.strip_prefix('u').and_then(|hex| hex.get(..4));
        let code = code.and_then(|hex| u32::from_str_radix(hex, 16).ok());
        rest = match code.and_then(char::from_u32) {
            Some(character) => {
                unescaped.push(character);
                &behind[5..]
            }
            None => behind,
        };
    }
    unescaped.push_str(rest);
    unescaped
}

/// What runs of base64 in a text hold, wherever in them it begins.
fn base64_runs(text: &str) -> String {
    let is_sign = |c: char| c.is_ascii_alphanumeric() || "+/-_".contains(c);
    let runs = text.split(|c: char| !is_sign(c)).filter(|run| run.len() >= BASE64_RUN_MIN);
    let decoded = runs.flat_map(|run| (0..4).map(|skip| base64_decoded(&run.as_bytes()[skip..])));
    decoded.collect::<Vec<_>>().join("\n")
}

/// What base64 holds, of either alphabet (RFC 4648), up to the first sign that is none.
pub(super) fn base64_decoded(signs: &[u8]) -> String {
    let six_bits = |sign: u8| match sign {
        b'A'..=b'Z' => Some(sign - b'A'),
        b'a'..=b'z' => Some(sign - b'a' + 26),
        b'0'..=b'9' => Some(sign - b'0' + 52),
        b'+' | b'-' => Some(62),
        b'/' | b'_' => Some(63),
        _ => None,
    };
    let mut decoded = Vec::with_capacity(signs.len() * 3 / 4);
    let (mut bits, mut bit_count) = (0_u32, 0);
    for sign in signs.iter().map_while(|sign| six_bits(*sign)) {
        bits = bits << 6 | u32::from(sign);
        bit_count += 6;
        if bit_count >= 8 {
            bit_count -= 8;
            decoded.push((bits >> bit_count) as u8);
            bits &= (1 << bit_count) - 1;
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

#[cfg(test)]
mod tests {
    use super::{Received, base64_decoded, views};

    #[test]
    fn nothing_hides_in_an_encoding() {
        for text in [
            "a+key/=",
            "a%2Bkey%2f%3D",
            r"\u0061+key\/=",
            "x=YStrZXkvPQ==",
            "Basic dXNlcjphK2tleS89",
        ] {
            assert!(views(text).contains("a+key/="), "{text}");
        }
        assert_eq!(base64_decoded(b"dXNlcjphK2tleS89"), "user:a+key/=");
    }

    #[test]
    fn a_request_is_there_when_its_body_is() {
        let all = b"POST /a?k=1%2B&l=2 HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";
        assert_eq!(Received::parse(&all[..all.len() - 1]), None);
        let received = Received::parse(all).unwrap();
        assert_eq!(received.query("k"), ["1+"]);
        let rest = received.without(Some("Host"), Some("k"));
        assert_eq!(rest.text(), "POST /a?l=2 HTTP/1.1\ncontent-length: 2\n{}");
    }
}
