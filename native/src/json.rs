//! Strict JSON (RFC 8259) straight into engine values: UTF-8, no duplicate keys, depth <= 64, no trailing bytes, no NUL,
//! integers beyond 2^53-1 as BigInt, objects without prototype and with own properties only, so "__proto__" is plain data.
//! A fault carries the byte offset, and its pointer is put together while the parser returns: no cost without a fault.

use crate::js::{Call, NULL, Outcome, Refusal, Value, int};
use crate::json_reader::{Fault, Reader, fault, line_and_column};
use alloc::{string::String, vec::Vec};
use core::ffi::c_int;
use rquickjs_sys as q;

const DEPTH: usize = 64;
/// An integer of more digits is out of every range that a configuration can mean.
const DIGITS: usize = 400;

/// What a parser does with the values it sees.
struct Parser<'a> {
    reader: Reader<'a>,
    context: *mut q::JSContext,
    depth: usize,
}

/// Marks a fault of the engine (no memory): the exception is pending.
const THROWN: &str = "";

impl Parser<'_> {
    fn made(&self, value: Value) -> Result<Value, Fault> {
        // SAFETY: reads the tag.
        if unsafe { q::JS_IsException(value) } { fault(self.reader.at, THROWN) } else { Ok(value) }
    }
    fn free(&self, value: Value) {
        // SAFETY: gives up our reference.
        unsafe { q::JS_FreeValue(self.context, value) }
    }

    fn value(&mut self) -> Result<Value, Fault> {
        match self.reader.peek() {
            b'{' => self.nested(Self::object),
            b'[' => self.nested(Self::array),
            b'"' => {
                let content = self.reader.string()?;
                // SAFETY: the engine copies the bytes.
                self.made(unsafe { q::JS_NewStringLen(self.context, content.as_ptr().cast(), content.len() as _) })
            }
            b't' => self.reader.word(b"true").map(|_| q::JS_TRUE),
            b'f' => self.reader.word(b"false").map(|_| q::JS_FALSE),
            b'n' => self.reader.word(b"null").map(|_| NULL),
            b'-' | b'0'..=b'9' => self.number(),
            _ => self.reader.expected("value expected"),
        }
    }

    fn nested(&mut self, inner: fn(&mut Self) -> Result<Value, Fault>) -> Result<Value, Fault> {
        if self.depth == DEPTH {
            return fault(self.reader.at, "nesting deeper than 64");
        }
        self.depth += 1;
        self.reader.at += 1;
        self.reader.space();
        let value = inner(self);
        self.depth -= 1;
        value
    }

    fn number(&mut self) -> Result<Value, Fault> {
        let start = self.reader.at;
        let (text, whole) = self.reader.number()?;
        if !whole {
            return match text.parse::<f64>() {
                Ok(float) if float.is_finite() => Ok(q::JS_NewFloat64(float + 0.0)),
                _ => fault(start, "number out of range"),
            };
        }
        match text.parse::<i64>() {
            Ok(number) if number.unsigned_abs() < 1 << 53 => Ok(int(number)),
            // SAFETY: makes a BigInt.
            Ok(number) => self.made(unsafe { q::JS_NewBigInt64(self.context, number) }),
            Err(_) if text.len() > DIGITS => fault(start, "number out of range"),
            Err(_) => self.big(text),
        }
    }

    /// BigInt(text): rare, so by the constructor.
    fn big(&mut self, text: &str) -> Result<Value, Fault> {
        // SAFETY: each value made here is freed here, but for the result.
        unsafe {
            let mut digits = q::JS_NewStringLen(self.context, text.as_ptr().cast(), text.len() as _);
            let global = q::JS_GetGlobalObject(self.context);
            let constructor = q::JS_GetPropertyStr(self.context, global, c"BigInt".as_ptr());
            let value = q::JS_Call(self.context, constructor, q::JS_UNDEFINED, 1, &mut digits);
            for used in [constructor, global, digits] {
                self.free(used);
            }
            self.made(value)
        }
    }

    fn array(&mut self) -> Result<Value, Fault> {
        let mut values = Vec::new();
        if self.reader.peek() == b']' {
            self.reader.at += 1;
        } else {
            loop {
                let more = match self.value() {
                    Ok(value) => {
                        values.push(value);
                        self.reader.comma(b']')
                    }
                    Err(mut fault) => {
                        fault.segments.push(alloc::format!("{}", values.len()));
                        Err(fault)
                    }
                };
                match more {
                    Ok(true) => {}
                    Ok(false) => break,
                    Err(fault) => {
                        values.iter().for_each(|value| self.free(*value));
                        return Err(fault);
                    }
                }
            }
        }
        // SAFETY: the engine takes the values over.
        self.made(unsafe { q::JS_NewArrayFrom(self.context, values.len() as c_int, values.as_ptr()) })
    }

    fn object(&mut self) -> Result<Value, Fault> {
        // SAFETY: no prototype.
        let object = self.made(unsafe { q::JS_NewObjectProto(self.context, NULL) })?;
        if self.reader.peek() == b'}' {
            self.reader.at += 1;
            return Ok(object);
        }
        loop {
            match self.member(object) {
                Ok(true) => {}
                Ok(false) => return Ok(object),
                Err(fault) => {
                    self.free(object);
                    return Err(fault);
                }
            }
        }
    }

    /// One `"key": value` and what follows it; true when another member comes.
    fn member(&mut self, object: Value) -> Result<bool, Fault> {
        let start = self.reader.at;
        if self.reader.peek() != b'"' {
            return self.reader.expected("key in double quotes expected");
        }
        let key = self.reader.string()?;
        // SAFETY: the atom is freed below; the object takes the value over.
        unsafe {
            let atom = q::JS_NewAtomLen(self.context, key.as_ptr().cast(), key.len() as _);
            let outcome = if q::JS_GetOwnProperty(self.context, core::ptr::null_mut(), object, atom) > 0 {
                fault(start, "duplicate key")
            } else {
                self.reader.colon().and_then(|_| self.value()).and_then(|value| {
                    match q::JS_DefinePropertyValue(self.context, object, atom, value, q::JS_PROP_C_W_E as c_int) {
                        -1 => fault(start, THROWN),
                        _ => Ok(()),
                    }
                })
            };
            q::JS_FreeAtom(self.context, atom);
            match outcome {
                Ok(()) => self.reader.comma(b'}'),
                Err(mut fault) => {
                    fault.segments.push(String::from_utf8_lossy(&key).into_owned());
                    Err(fault)
                }
            }
        }
    }
}

/// Strict JSON text to a value - RFC 8259
pub fn parse_json(call: &Call) -> Outcome {
    let text = call.text(0, "text")?;
    let bytes = text.bytes();
    let mut parser = Parser { reader: Reader { bytes, at: 0 }, context: call.context, depth: 0 };
    parser.reader.space();
    let result = parser.value().and_then(|value| {
        parser.reader.space();
        if parser.reader.at == bytes.len() {
            return Ok(value);
        }
        parser.free(value);
        fault(parser.reader.at, "trailing data after the value")
    });
    match result {
        Ok(value) => call.object(&[(c"value", value)]),
        Err(fault) if fault.what == THROWN => Err(Refusal::Thrown),
        Err(fault) => {
            let (line, column) = line_and_column(bytes, fault.offset);
            call.object(&[
                (c"error", call.string(fault.what.as_bytes())?),
                (c"offset", int(fault.offset as i64)),
                (c"line", int(line)),
                (c"column", int(column)),
                (c"pointer", call.string(fault.pointer().as_bytes())?),
            ])
        }
    }
}
