//! The safe face of the engine's C interface for native functions: reading arguments, making results.
//! An argument of the wrong type or range throws a TypeError naming it: nothing is coerced or truncated.
//! A refusal with an errno becomes the negative number that the contract (kernel.d.ts) promises.

use alloc::{ffi::CString, format, vec::Vec};
use core::ffi::{CStr, c_int};
use core::slice;
use rquickjs_sys as q;

pub type Value = q::JSValue;
pub const UNDEFINED: Value = q::JS_UNDEFINED;
pub const NULL: Value = q::JS_NULL;

/// Why a native function gives no value.
pub enum Refusal {
    /// An exception is pending in the context.
    Thrown,
    /// A positive error number.
    Errno(i32),
}
impl From<i32> for Refusal {
    fn from(errno: i32) -> Self {
        Refusal::Errno(errno)
    }
}
pub type Outcome = Result<Value, Refusal>;
pub type Native = fn(&Call) -> Outcome;

/// One call from JavaScript.
pub struct Call<'a> {
    pub context: *mut q::JSContext,
    pub arguments: &'a [Value],
}

/// An argument as UTF-8 with a NUL behind it, and none inside.
pub struct Text<'a> {
    context: *mut q::JSContext,
    bytes: &'a [u8],
}
impl Text<'_> {
    pub fn bytes(&self) -> &[u8] {
        self.bytes
    }
    pub fn as_c(&self) -> Result<&CStr, Refusal> {
        // SAFETY: the engine puts a NUL behind the bytes.
        let with_end = unsafe { slice::from_raw_parts(self.bytes.as_ptr(), self.bytes.len() + 1) };
        CStr::from_bytes_with_nul(with_end).map_err(|_| Refusal::Errno(libc::EINVAL))
    }
}
impl Drop for Text<'_> {
    fn drop(&mut self) {
        // SAFETY: the bytes came from JS_ToCStringLen2 of this context.
        unsafe { q::JS_FreeCString(self.context, self.bytes.as_ptr().cast()) }
    }
}

pub fn int(value: i64) -> Value {
    match i32::try_from(value) {
        Ok(small) => q::JS_MKVAL(q::JS_TAG_INT, small),
        Err(_) => q::JS_NewFloat64(value as f64),
    }
}
pub fn boolean(value: bool) -> Value {
    if value { q::JS_TRUE } else { q::JS_FALSE }
}
/// The usual end of a function that returns the kernel's number.
pub fn number(result: Result<usize, i32>) -> Outcome {
    Ok(int(result? as i64))
}

fn tag(value: Value) -> i32 {
    // SAFETY: reads the value's tag.
    unsafe { q::JS_VALUE_GET_TAG(value) }
}

impl<'a> Call<'a> {
    pub fn value(&self, index: usize) -> Value {
        self.arguments.get(index).copied().unwrap_or(UNDEFINED)
    }

    pub fn throw<T>(&self, message: &str) -> Result<T, Refusal> {
        let text = CString::new(message).unwrap_or_default();
        // SAFETY: "%s" with a C string.
        unsafe { q::JS_ThrowTypeError(self.context, c"%s".as_ptr(), text.as_ptr()) };
        Err(Refusal::Thrown)
    }

    /// A number that is an integer between the bounds; not NaN, not -0, no fraction.
    pub fn integer_of(&self, value: Value, name: &str, from: i64, to: i64) -> Result<i64, Refusal> {
        // SAFETY: the tag says which member of the union is valid.
        let found = unsafe {
            match tag(value) {
                q::JS_TAG_INT => Some(q::JS_VALUE_GET_INT(value) as i64),
                q::JS_TAG_FLOAT64 => {
                    let float = q::JS_VALUE_GET_FLOAT64(value);
                    let whole = float as i64;
                    (whole as f64 == float
                        && whole.unsigned_abs() < 1 << 53
                        && (whole != 0 || float.is_sign_positive()))
                    .then_some(whole)
                }
                _ => None,
            }
        };
        match found {
            Some(whole) if whole >= from && whole <= to => Ok(whole),
            _ => self.throw(&format!("{name}: not an integer from {from} to {to}")),
        }
    }
    pub fn integer(&self, index: usize, name: &str, from: i64, to: i64) -> Result<i64, Refusal> {
        self.integer_of(self.value(index), name, from, to)
    }
    pub fn i32(&self, index: usize, name: &str) -> Result<i32, Refusal> {
        Ok(self.integer(index, name, i32::MIN as i64, i32::MAX as i64)? as i32)
    }
    pub fn u32(&self, index: usize, name: &str) -> Result<u32, Refusal> {
        Ok(self.integer(index, name, 0, u32::MAX as i64)? as u32)
    }
    /// A size or offset: 0 to 2^53-1.
    pub fn size(&self, index: usize, name: &str) -> Result<u64, Refusal> {
        Ok(self.integer(index, name, 0, (1 << 53) - 1)? as u64)
    }
    /// A descriptor, AT_FDCWD, or -1 for none.
    pub fn fd(&self, index: usize, name: &str) -> Result<i32, Refusal> {
        Ok(self.integer(index, name, libc::AT_FDCWD as i64, i32::MAX as i64)? as i32)
    }
    pub fn flag(&self, index: usize, name: &str) -> Result<bool, Refusal> {
        self.flag_of(self.value(index), name)
    }
    pub fn flag_of(&self, value: Value, name: &str) -> Result<bool, Refusal> {
        if tag(value) != q::JS_TAG_BOOL {
            return self.throw(&format!("{name}: not a boolean"));
        }
        // SAFETY: the tag was looked at.
        Ok(unsafe { q::JS_VALUE_GET_BOOL(value) })
    }

    /// A 64-bit quantity: a number (an integer below 2^53) or a BigInt, from 0 to 2^64-1.
    pub fn unsigned_of(&self, value: Value, name: &str) -> Result<u64, Refusal> {
        if tag(value) != q::JS_TAG_BIG_INT && tag(value) != q::JS_TAG_SHORT_BIG_INT {
            return Ok(self.integer_of(value, name, 0, (1 << 53) - 1)? as u64);
        }
        let mut out = 0u64;
        // SAFETY: a BigInt; the conversion takes it modulo 2^64, so it is compared with the original.
        unsafe {
            q::JS_ToBigUint64(self.context, &mut out, value);
            let back = q::JS_NewBigUint64(self.context, out);
            let same = q::JS_IsStrictEqual(self.context, back, value);
            q::JS_FreeValue(self.context, back);
            if !same {
                return self.throw(&format!("{name}: not from 0 to 2^64-1"));
            }
        }
        Ok(out)
    }
    pub fn unsigned(&self, index: usize, name: &str) -> Result<u64, Refusal> {
        self.unsigned_of(self.value(index), name)
    }

    pub fn is_string(&self, index: usize) -> bool {
        matches!(tag(self.value(index)), q::JS_TAG_STRING | q::JS_TAG_STRING_ROPE)
    }
    pub fn is_undefined(&self, index: usize) -> bool {
        tag(self.value(index)) == q::JS_TAG_UNDEFINED
    }
    pub fn text(&self, index: usize, name: &str) -> Result<Text<'a>, Refusal> {
        self.text_of(self.value(index), name)
    }
    pub fn text_of(&self, value: Value, name: &str) -> Result<Text<'a>, Refusal> {
        if !matches!(tag(value), q::JS_TAG_STRING | q::JS_TAG_STRING_ROPE) {
            return self.throw(&format!("{name}: not a string"));
        }
        let mut length = 0;
        // SAFETY: the engine gives `length` bytes and a NUL, which live until JS_FreeCString.
        unsafe {
            let at = q::JS_ToCStringLen2(self.context, &mut length, value, false);
            if at.is_null() {
                return Err(Refusal::Thrown);
            }
            Ok(Text { context: self.context, bytes: slice::from_raw_parts(at.cast(), length as usize) })
        }
    }
    pub fn optional_text(&self, index: usize, name: &str) -> Result<Option<Text<'a>>, Refusal> {
        if tag(self.value(index)) == q::JS_TAG_NULL {
            return Ok(None);
        }
        self.text(index, name).map(Some)
    }

    pub fn bytes(&self, index: usize, name: &str) -> Result<&'a [u8], Refusal> {
        self.bytes_of(self.value(index), name)
    }
    pub fn bytes_of(&self, value: Value, name: &str) -> Result<&'a [u8], Refusal> {
        // SAFETY: a Uint8Array's memory stays in place while its object is an argument; no JavaScript runs meanwhile.
        unsafe {
            if q::JS_GetTypedArrayType(value) != q::JSTypedArrayEnum_JS_TYPED_ARRAY_UINT8 as c_int {
                return self.throw(&format!("{name}: not a Uint8Array"));
            }
            let mut length = 0;
            let at = q::JS_GetUint8Array(self.context, &mut length, value);
            if at.is_null() || length == 0 {
                return Ok(&[]);
            }
            Ok(slice::from_raw_parts(at, length as usize))
        }
    }

    /// Calls `take` for each element of an array.
    pub fn each_of<T>(
        &self,
        array: Value,
        name: &str,
        mut take: impl FnMut(Value) -> Result<T, Refusal>,
    ) -> Result<Vec<T>, Refusal> {
        // SAFETY: plain reads of an array; each element is freed after use.
        unsafe {
            let mut length = 0i64;
            if !q::JS_IsArray(array) || q::JS_GetLength(self.context, array, &mut length) < 0 {
                return self.throw(&format!("{name}: not an array"));
            }
            let mut all = Vec::with_capacity(length as usize);
            for index in 0..length {
                let element = q::JS_GetPropertyInt64(self.context, array, index);
                let taken = take(element);
                q::JS_FreeValue(self.context, element);
                all.push(taken?);
            }
            Ok(all)
        }
    }
    pub fn each<T>(
        &self,
        index: usize,
        name: &str,
        take: impl FnMut(Value) -> Result<T, Refusal>,
    ) -> Result<Vec<T>, Refusal> {
        self.each_of(self.value(index), name, take)
    }
    pub fn numbers(&self, index: usize, name: &str, from: i64, to: i64) -> Result<Vec<i64>, Refusal> {
        self.each(index, name, |value| self.integer_of(value, name, from, to))
    }
    /// Strings that must hold no NUL (else EINVAL).
    pub fn strings_of(&self, array: Value, name: &str) -> Result<Vec<CString>, Refusal> {
        self.each_of(array, name, |value| {
            let text = self.text_of(value, name)?;
            Ok(CString::from(text.as_c()?))
        })
    }

    /// Reads a property and gives it to `take`.
    pub fn property<T>(
        &self,
        object: Value,
        name: &CStr,
        take: impl FnOnce(Value) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        // SAFETY: the value is freed after use.
        unsafe {
            let value = q::JS_GetPropertyStr(self.context, object, name.as_ptr());
            if tag(value) == q::JS_TAG_EXCEPTION {
                return Err(Refusal::Thrown);
            }
            let taken = take(value);
            q::JS_FreeValue(self.context, value);
            taken
        }
    }

    fn made(&self, value: Value) -> Outcome {
        if tag(value) == q::JS_TAG_EXCEPTION { Err(Refusal::Thrown) } else { Ok(value) }
    }
    /// A string from the kernel; what is not UTF-8 becomes U+FFFD.
    pub fn string(&self, bytes: &[u8]) -> Outcome {
        // SAFETY: the engine copies the bytes.
        self.made(unsafe { q::JS_NewStringLen(self.context, bytes.as_ptr().cast(), bytes.len() as _) })
    }
    pub fn byte_array(&self, bytes: &[u8]) -> Outcome {
        // SAFETY: the engine copies the bytes.
        self.made(unsafe { q::JS_NewUint8ArrayCopy(self.context, bytes.as_ptr(), bytes.len() as _) })
    }
    /// Takes the values over.
    pub fn array(&self, values: &[Value]) -> Outcome {
        // SAFETY: the engine takes the values over, also when it fails.
        self.made(unsafe { q::JS_NewArrayFrom(self.context, values.len() as c_int, values.as_ptr()) })
    }
    pub fn strings(&self, parts: impl Iterator<Item = impl AsRef<[u8]>>) -> Outcome {
        let values: Result<Vec<Value>, Refusal> = parts.map(|part| self.string(part.as_ref())).collect();
        self.array(&values?)
    }
    pub fn ints(&self, numbers: impl Iterator<Item = i64>) -> Outcome {
        self.array(&numbers.map(int).collect::<Vec<_>>())
    }
    /// An object from names and values, which it takes over.
    pub fn object(&self, members: &[(&CStr, Value)]) -> Outcome {
        // SAFETY: the engine takes each value over.
        unsafe {
            let object = self.made(q::JS_NewObject(self.context))?;
            for (name, value) in members {
                let flags = q::JS_PROP_C_W_E as c_int;
                if q::JS_DefinePropertyValueStr(self.context, object, name.as_ptr(), *value, flags) < 0 {
                    q::JS_FreeValue(self.context, object);
                    return Err(Refusal::Thrown);
                }
            }
            Ok(object)
        }
    }
    /// A number below 2^53, else a BigInt.
    pub fn quantity(&self, value: u64) -> Outcome {
        if value < 1 << 53 { Ok(int(value as i64)) } else { self.big(value) }
    }
    pub fn big(&self, value: u64) -> Outcome {
        // SAFETY: makes a BigInt.
        self.made(unsafe { q::JS_NewBigUint64(self.context, value) })
    }
}
