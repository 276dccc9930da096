//! The words of JSON (RFC 8259): what json.rs builds values from and json_position.rs counts in.
//! Strings without control characters, NUL or unpaired surrogates; numbers by the grammar.

use alloc::{borrow::Cow, string::String, vec::Vec};

pub struct Fault {
    pub offset: usize,
    pub what: &'static str,
    /// JSON pointer, last segment first.
    pub segments: Vec<String>,
}
impl Fault {
    pub fn pointer(&self) -> String {
        let mut pointer = String::new();
        for segment in self.segments.iter().rev() {
            pointer.push('/');
            pointer.push_str(&segment.replace('~', "~0").replace('/', "~1"));
        }
        pointer
    }
}

/// The bytes and how far they are read. Also used by json_position.rs.
pub struct Reader<'a> {
    pub bytes: &'a [u8],
    pub at: usize,
}

pub fn fault<T>(offset: usize, what: &'static str) -> Result<T, Fault> {
    Err(Fault { offset, what, segments: Vec::new() })
}

impl<'a> Reader<'a> {
    pub fn peek(&self) -> u8 {
        // A NUL stands for the end: it is not valid anywhere in JSON.
        self.bytes.get(self.at).copied().unwrap_or(0)
    }
    pub fn space(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }
    pub fn expected<T>(&self, what: &'static str) -> Result<T, Fault> {
        fault(self.at, if self.at >= self.bytes.len() { "unexpected end" } else { what })
    }

    /// A string's content; borrowed when it has no escapes.
    pub fn string(&mut self) -> Result<Cow<'a, [u8]>, Fault> {
        self.at += 1;
        let start = self.at;
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    let content = &self.bytes[start..self.at];
                    self.at += 1;
                    return Ok(Cow::Borrowed(content));
                }
                Some(b'\\') => return self.escaped(start),
                Some(0) => return fault(self.at, "contains NUL"),
                Some(byte) if *byte < 0x20 => return fault(self.at, "control character in a string"),
                Some(_) => self.at += 1,
                None => return fault(self.at, "unexpected end"),
            }
        }
    }

    fn escaped(&mut self, start: usize) -> Result<Cow<'a, [u8]>, Fault> {
        let mut content = self.bytes[start..self.at].to_vec();
        loop {
            match self.bytes.get(self.at) {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(content));
                }
                Some(b'\\') => self.escape(&mut content)?,
                Some(0) => return fault(self.at, "contains NUL"),
                Some(byte) if *byte < 0x20 => return fault(self.at, "control character in a string"),
                Some(byte) => {
                    content.push(*byte);
                    self.at += 1;
                }
                None => return fault(self.at, "unexpected end"),
            }
        }
    }

    fn escape(&mut self, content: &mut Vec<u8>) -> Result<(), Fault> {
        let start = self.at;
        self.at += 2;
        let plain = match self.bytes.get(start + 1) {
            Some(b'"') => b'"',
            Some(b'\\') => b'\\',
            Some(b'/') => b'/',
            Some(b'b') => 8,
            Some(b'f') => 12,
            Some(b'n') => b'\n',
            Some(b'r') => b'\r',
            Some(b't') => b'\t',
            Some(b'u') => {
                let mut code = self.hexadecimal()?;
                if (0xd800..0xdc00).contains(&code) && self.bytes[self.at..].starts_with(b"\\u") {
                    self.at += 2;
                    let second = self.hexadecimal()?;
                    if !(0xdc00..0xe000).contains(&second) {
                        return fault(start, "unpaired surrogate");
                    }
                    code = 0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00);
                }
                return match char::from_u32(code) {
                    None => fault(start, "unpaired surrogate"),
                    Some('\0') => fault(start, "contains NUL"),
                    Some(character) => {
                        content.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
                        Ok(())
                    }
                };
            }
            _ => return fault(start, "unknown escape in a string"),
        };
        content.push(plain);
        Ok(())
    }

    fn hexadecimal(&mut self) -> Result<u32, Fault> {
        let mut code = 0;
        for _ in 0..4 {
            let Some(digit) = (self.peek() as char).to_digit(16) else {
                return self.expected("four hexadecimal digits expected");
            };
            code = code * 16 + digit;
            self.at += 1;
        }
        Ok(code)
    }

    fn digits(&mut self) -> Result<(), Fault> {
        if !self.peek().is_ascii_digit() {
            return self.expected("digit expected");
        }
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        Ok(())
    }

    /// A number's text, and whether it is written as an integer.
    pub fn number(&mut self) -> Result<(&'a str, bool), Fault> {
        let start = self.at;
        if self.peek() == b'-' {
            self.at += 1;
        }
        let leading = self.at;
        self.digits()?;
        if self.bytes[leading] == b'0' && self.at - leading > 1 {
            return fault(start, "leading zero");
        }
        let mut whole = true;
        if self.peek() == b'.' {
            whole = false;
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.peek(), b'e' | b'E') {
            whole = false;
            self.at += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        // Only ASCII was read.
        Ok((core::str::from_utf8(&self.bytes[start..self.at]).unwrap_or(""), whole))
    }

    pub fn word(&mut self, word: &'static [u8]) -> Result<(), Fault> {
        if !self.bytes[self.at..].starts_with(word) {
            return self.expected("value expected");
        }
        self.at += word.len();
        Ok(())
    }

    /// `:` with the space around it.
    pub fn colon(&mut self) -> Result<(), Fault> {
        self.space();
        if self.peek() != b':' {
            return self.expected("\":\" expected");
        }
        self.at += 1;
        self.space();
        Ok(())
    }

    /// After a member: true when another one follows.
    pub fn comma(&mut self, close: u8) -> Result<bool, Fault> {
        self.space();
        let byte = self.peek();
        if byte == close {
            self.at += 1;
            return Ok(false);
        }
        if byte != b',' {
            return self.expected(if close == b']' { "\",\" or \"]\" expected" } else { "\",\" or \"}\" expected" });
        }
        self.at += 1;
        self.space();
        Ok(true)
    }
}

/// Line and column (in characters) of an offset, both from 1.
pub fn line_and_column(bytes: &[u8], offset: usize) -> (i64, i64) {
    let before = &bytes[..offset.min(bytes.len())];
    let line = before.iter().filter(|byte| **byte == b'\n').count();
    let start = before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let column = before[start..].iter().filter(|byte| **byte & 0xc0 != 0x80).count();
    (line as i64 + 1, column as i64 + 1)
}
