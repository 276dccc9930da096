//! Where the value at a JSON pointer stands in a text: read again, only when there is a fault to report. [RFC 6901]

use crate::js::{Call, Outcome, UNDEFINED, int};
use crate::json_reader::{Fault, Reader, fault, line_and_column};
use alloc::{string::String, vec::Vec};

/// Goes over one value, however deep, without recursion.
fn skip(reader: &mut Reader) -> Result<(), Fault> {
    let mut open: Vec<u8> = Vec::new();
    loop {
        reader.space();
        let entered = match reader.peek() {
            b'{' => Some(b'}'),
            b'[' => Some(b']'),
            b'"' => reader.string().map(|_| None)?,
            b't' => reader.word(b"true").map(|_| None)?,
            b'f' => reader.word(b"false").map(|_| None)?,
            b'n' => reader.word(b"null").map(|_| None)?,
            b'-' | b'0'..=b'9' => reader.number().map(|_| None)?,
            _ => return fault(reader.at, "value expected"),
        };
        if let Some(close) = entered {
            reader.at += 1;
            reader.space();
            if reader.peek() != close {
                open.push(close);
                key(reader, close)?;
                continue;
            }
            reader.at += 1;
        }
        loop {
            match open.last() {
                None => return Ok(()),
                Some(close) if reader.comma(*close)? => {
                    key(reader, *close)?;
                    break;
                }
                Some(_) => {
                    open.pop();
                }
            }
        }
    }
}

/// In an object: over the key and the colon.
fn key(reader: &mut Reader, close: u8) -> Result<(), Fault> {
    if close == b']' {
        return Ok(());
    }
    if reader.peek() != b'"' {
        return fault(reader.at, "key expected");
    }
    reader.string()?;
    reader.colon()
}

/// Enters the value that `segment` names; false when there is none.
fn enter(reader: &mut Reader, segment: &str) -> Result<bool, Fault> {
    reader.space();
    let close = match reader.peek() {
        b'{' => b'}',
        b'[' => b']',
        _ => return Ok(false),
    };
    reader.at += 1;
    reader.space();
    let mut index = 0usize;
    while reader.peek() != close {
        let found = if close == b'}' {
            if reader.peek() != b'"' {
                return Ok(false);
            }
            let name = reader.string()?;
            reader.colon()?;
            name.as_ref() == segment.as_bytes()
        } else {
            segment == alloc::format!("{index}")
        };
        if found {
            return Ok(true);
        }
        skip(reader)?;
        if !reader.comma(close)? {
            return Ok(false);
        }
        index += 1;
    }
    Ok(false)
}

fn find(bytes: &[u8], pointer: &str) -> Result<Option<usize>, Fault> {
    let mut reader = Reader { bytes, at: 0 };
    reader.space();
    if !pointer.is_empty() {
        for segment in pointer.split('/').skip(1) {
            let plain: String = segment.replace("~1", "/").replace("~0", "~");
            if !enter(&mut reader, &plain)? {
                return Ok(None);
            }
        }
    }
    reader.space();
    Ok((reader.at < bytes.len()).then_some(reader.at))
}

/// Line and column of the value at a pointer, or undefined - RFC 6901
pub fn json_position(call: &Call) -> Outcome {
    let (text, pointer) = (call.text(0, "text")?, call.text(1, "pointer")?);
    let pointer = core::str::from_utf8(pointer.bytes()).unwrap_or("/");
    match find(text.bytes(), pointer) {
        Ok(Some(offset)) => {
            let (line, column) = line_and_column(text.bytes(), offset);
            call.object(&[(c"line", int(line)), (c"column", int(column))])
        }
        _ => Ok(UNDEFINED),
    }
}
