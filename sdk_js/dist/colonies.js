/*! colonies 0.1.0, Apache-2.0; LICENSES.txt beside this file has it, and those of what is in it. */

// src/wire/model.js
var State = Object.freeze({ WAITING: 0, RUNNING: 1, SUCCESSFUL: 2, FAILED: 3, CANCELLED: 4 });
var ExecutorState = Object.freeze({ PENDING: 0, APPROVED: 1, REJECTED: 2 });
function isFinal(state) {
  return state >= State.SUCCESSFUL;
}

// node_modules/@msgpack/msgpack/dist.esm/utils/utf8.mjs
function utf8Count(str) {
  const strLength = str.length;
  let byteLength = 0;
  let pos = 0;
  while (pos < strLength) {
    let value = str.charCodeAt(pos++);
    if ((value & 4294967168) === 0) {
      byteLength++;
      continue;
    } else if ((value & 4294965248) === 0) {
      byteLength += 2;
    } else {
      if (value >= 55296 && value <= 56319) {
        if (pos < strLength) {
          const extra = str.charCodeAt(pos);
          if ((extra & 64512) === 56320) {
            ++pos;
            value = ((value & 1023) << 10) + (extra & 1023) + 65536;
          }
        }
      }
      if ((value & 4294901760) === 0) {
        byteLength += 3;
      } else {
        byteLength += 4;
      }
    }
  }
  return byteLength;
}
function utf8EncodeJs(str, output, outputOffset) {
  const strLength = str.length;
  let offset = outputOffset;
  let pos = 0;
  while (pos < strLength) {
    let value = str.charCodeAt(pos++);
    if ((value & 4294967168) === 0) {
      output[offset++] = value;
      continue;
    } else if ((value & 4294965248) === 0) {
      output[offset++] = value >> 6 & 31 | 192;
    } else {
      if (value >= 55296 && value <= 56319) {
        if (pos < strLength) {
          const extra = str.charCodeAt(pos);
          if ((extra & 64512) === 56320) {
            ++pos;
            value = ((value & 1023) << 10) + (extra & 1023) + 65536;
          }
        }
      }
      if ((value & 4294901760) === 0) {
        output[offset++] = value >> 12 & 15 | 224;
        output[offset++] = value >> 6 & 63 | 128;
      } else {
        output[offset++] = value >> 18 & 7 | 240;
        output[offset++] = value >> 12 & 63 | 128;
        output[offset++] = value >> 6 & 63 | 128;
      }
    }
    output[offset++] = value & 63 | 128;
  }
}
var sharedTextEncoder = new TextEncoder();
var TEXT_ENCODER_THRESHOLD = 50;
function utf8EncodeTE(str, output, outputOffset) {
  sharedTextEncoder.encodeInto(str, output.subarray(outputOffset));
}
function utf8Encode(str, output, outputOffset) {
  if (str.length > TEXT_ENCODER_THRESHOLD) {
    utf8EncodeTE(str, output, outputOffset);
  } else {
    utf8EncodeJs(str, output, outputOffset);
  }
}
var CHUNK_SIZE = 4096;
function utf8DecodeJs(bytes, inputOffset, byteLength) {
  let offset = inputOffset;
  const end = offset + byteLength;
  const units = [];
  let result = "";
  while (offset < end) {
    const byte1 = bytes[offset++];
    if ((byte1 & 128) === 0) {
      units.push(byte1);
    } else if ((byte1 & 224) === 192) {
      const byte2 = bytes[offset++] & 63;
      units.push((byte1 & 31) << 6 | byte2);
    } else if ((byte1 & 240) === 224) {
      const byte2 = bytes[offset++] & 63;
      const byte3 = bytes[offset++] & 63;
      units.push((byte1 & 31) << 12 | byte2 << 6 | byte3);
    } else if ((byte1 & 248) === 240) {
      const byte2 = bytes[offset++] & 63;
      const byte3 = bytes[offset++] & 63;
      const byte4 = bytes[offset++] & 63;
      let unit = (byte1 & 7) << 18 | byte2 << 12 | byte3 << 6 | byte4;
      if (unit > 65535) {
        unit -= 65536;
        units.push(unit >>> 10 & 1023 | 55296);
        unit = 56320 | unit & 1023;
      }
      units.push(unit);
    } else {
      units.push(byte1);
    }
    if (units.length >= CHUNK_SIZE) {
      result += String.fromCharCode(...units);
      units.length = 0;
    }
  }
  if (units.length > 0) {
    result += String.fromCharCode(...units);
  }
  return result;
}
var sharedTextDecoder = new TextDecoder();
var TEXT_DECODER_THRESHOLD = 200;
function utf8DecodeTD(bytes, inputOffset, byteLength) {
  const stringBytes = bytes.subarray(inputOffset, inputOffset + byteLength);
  return sharedTextDecoder.decode(stringBytes);
}
function utf8Decode(bytes, inputOffset, byteLength) {
  if (byteLength > TEXT_DECODER_THRESHOLD) {
    return utf8DecodeTD(bytes, inputOffset, byteLength);
  } else {
    return utf8DecodeJs(bytes, inputOffset, byteLength);
  }
}

// node_modules/@msgpack/msgpack/dist.esm/ExtData.mjs
var ExtData = class {
  type;
  data;
  constructor(type, data) {
    this.type = type;
    this.data = data;
  }
};

// node_modules/@msgpack/msgpack/dist.esm/DecodeError.mjs
var DecodeError = class _DecodeError extends Error {
  constructor(message) {
    super(message);
    const proto = Object.create(_DecodeError.prototype);
    Object.setPrototypeOf(this, proto);
    Object.defineProperty(this, "name", {
      configurable: true,
      enumerable: false,
      value: _DecodeError.name
    });
  }
};

// node_modules/@msgpack/msgpack/dist.esm/utils/int.mjs
var UINT32_MAX = 4294967295;
function setUint64(view, offset, value) {
  const high = value / 4294967296;
  const low = value;
  view.setUint32(offset, high);
  view.setUint32(offset + 4, low);
}
function setInt64(view, offset, value) {
  const high = Math.floor(value / 4294967296);
  const low = value;
  view.setUint32(offset, high);
  view.setUint32(offset + 4, low);
}
function getInt64(view, offset) {
  const high = view.getInt32(offset);
  const low = view.getUint32(offset + 4);
  return high * 4294967296 + low;
}
function getUint64(view, offset) {
  const high = view.getUint32(offset);
  const low = view.getUint32(offset + 4);
  return high * 4294967296 + low;
}

// node_modules/@msgpack/msgpack/dist.esm/timestamp.mjs
var EXT_TIMESTAMP = -1;
var TIMESTAMP32_MAX_SEC = 4294967296 - 1;
var TIMESTAMP64_MAX_SEC = 17179869184 - 1;
function encodeTimeSpecToTimestamp({ sec, nsec }) {
  if (sec >= 0 && nsec >= 0 && sec <= TIMESTAMP64_MAX_SEC) {
    if (nsec === 0 && sec <= TIMESTAMP32_MAX_SEC) {
      const rv = new Uint8Array(4);
      const view = new DataView(rv.buffer);
      view.setUint32(0, sec);
      return rv;
    } else {
      const secHigh = sec / 4294967296;
      const secLow = sec & 4294967295;
      const rv = new Uint8Array(8);
      const view = new DataView(rv.buffer);
      view.setUint32(0, nsec << 2 | secHigh & 3);
      view.setUint32(4, secLow);
      return rv;
    }
  } else {
    const rv = new Uint8Array(12);
    const view = new DataView(rv.buffer);
    view.setUint32(0, nsec);
    setInt64(view, 4, sec);
    return rv;
  }
}
function encodeDateToTimeSpec(date) {
  const msec = date.getTime();
  const sec = Math.floor(msec / 1e3);
  const nsec = (msec - sec * 1e3) * 1e6;
  const nsecInSec = Math.floor(nsec / 1e9);
  return {
    sec: sec + nsecInSec,
    nsec: nsec - nsecInSec * 1e9
  };
}
function encodeTimestampExtension(object) {
  if (object instanceof Date) {
    const timeSpec = encodeDateToTimeSpec(object);
    return encodeTimeSpecToTimestamp(timeSpec);
  } else {
    return null;
  }
}
function decodeTimestampToTimeSpec(data) {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  switch (data.byteLength) {
    case 4: {
      const sec = view.getUint32(0);
      const nsec = 0;
      return { sec, nsec };
    }
    case 8: {
      const nsec30AndSecHigh2 = view.getUint32(0);
      const secLow32 = view.getUint32(4);
      const sec = (nsec30AndSecHigh2 & 3) * 4294967296 + secLow32;
      const nsec = nsec30AndSecHigh2 >>> 2;
      return { sec, nsec };
    }
    case 12: {
      const sec = getInt64(view, 4);
      const nsec = view.getUint32(0);
      return { sec, nsec };
    }
    default:
      throw new DecodeError(`Unrecognized data size for timestamp (expected 4, 8, or 12): ${data.length}`);
  }
}
function decodeTimestampExtension(data) {
  const timeSpec = decodeTimestampToTimeSpec(data);
  return new Date(timeSpec.sec * 1e3 + timeSpec.nsec / 1e6);
}
var timestampExtension = {
  type: EXT_TIMESTAMP,
  encode: encodeTimestampExtension,
  decode: decodeTimestampExtension
};

// node_modules/@msgpack/msgpack/dist.esm/ExtensionCodec.mjs
var ExtensionCodec = class _ExtensionCodec {
  static defaultCodec = new _ExtensionCodec();
  // ensures ExtensionCodecType<X> matches ExtensionCodec<X>
  // this will make type errors a lot more clear
  // eslint-disable-next-line @typescript-eslint/naming-convention
  __brand;
  // built-in extensions
  builtInEncoders = [];
  builtInDecoders = [];
  // custom extensions
  encoders = [];
  decoders = [];
  constructor() {
    this.register(timestampExtension);
  }
  register({ type, encode, decode }) {
    if (type >= 0) {
      this.encoders[type] = encode;
      this.decoders[type] = decode;
    } else {
      const index = -1 - type;
      this.builtInEncoders[index] = encode;
      this.builtInDecoders[index] = decode;
    }
  }
  tryToEncode(object, context) {
    for (let i = 0; i < this.builtInEncoders.length; i++) {
      const encodeExt = this.builtInEncoders[i];
      if (encodeExt != null) {
        const data = encodeExt(object, context);
        if (data != null) {
          const type = -1 - i;
          return new ExtData(type, data);
        }
      }
    }
    for (let i = 0; i < this.encoders.length; i++) {
      const encodeExt = this.encoders[i];
      if (encodeExt != null) {
        const data = encodeExt(object, context);
        if (data != null) {
          const type = i;
          return new ExtData(type, data);
        }
      }
    }
    if (object instanceof ExtData) {
      return object;
    }
    return null;
  }
  decode(data, type, context) {
    const decodeExt = type < 0 ? this.builtInDecoders[-1 - type] : this.decoders[type];
    if (decodeExt) {
      return decodeExt(data, type, context);
    } else {
      return new ExtData(type, data);
    }
  }
};

// node_modules/@msgpack/msgpack/dist.esm/utils/typedArrays.mjs
function isArrayBufferLike(buffer) {
  return buffer instanceof ArrayBuffer || typeof SharedArrayBuffer !== "undefined" && buffer instanceof SharedArrayBuffer;
}
function ensureUint8Array(buffer) {
  if (buffer instanceof Uint8Array) {
    return buffer;
  } else if (ArrayBuffer.isView(buffer)) {
    return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
  } else if (isArrayBufferLike(buffer)) {
    return new Uint8Array(buffer);
  } else {
    return Uint8Array.from(buffer);
  }
}

// node_modules/@msgpack/msgpack/dist.esm/Encoder.mjs
var DEFAULT_MAX_DEPTH = 100;
var DEFAULT_INITIAL_BUFFER_SIZE = 2048;
var Encoder = class _Encoder {
  extensionCodec;
  context;
  useBigInt64;
  maxDepth;
  initialBufferSize;
  sortKeys;
  forceFloat32;
  ignoreUndefined;
  forceIntegerToFloat;
  pos;
  view;
  bytes;
  entered = false;
  constructor(options) {
    this.extensionCodec = options?.extensionCodec ?? ExtensionCodec.defaultCodec;
    this.context = options?.context;
    this.useBigInt64 = options?.useBigInt64 ?? false;
    this.maxDepth = options?.maxDepth ?? DEFAULT_MAX_DEPTH;
    this.initialBufferSize = options?.initialBufferSize ?? DEFAULT_INITIAL_BUFFER_SIZE;
    this.sortKeys = options?.sortKeys ?? false;
    this.forceFloat32 = options?.forceFloat32 ?? false;
    this.ignoreUndefined = options?.ignoreUndefined ?? false;
    this.forceIntegerToFloat = options?.forceIntegerToFloat ?? false;
    this.pos = 0;
    this.view = new DataView(new ArrayBuffer(this.initialBufferSize));
    this.bytes = new Uint8Array(this.view.buffer);
  }
  clone() {
    return new _Encoder({
      extensionCodec: this.extensionCodec,
      context: this.context,
      useBigInt64: this.useBigInt64,
      maxDepth: this.maxDepth,
      initialBufferSize: this.initialBufferSize,
      sortKeys: this.sortKeys,
      forceFloat32: this.forceFloat32,
      ignoreUndefined: this.ignoreUndefined,
      forceIntegerToFloat: this.forceIntegerToFloat
    });
  }
  reinitializeState() {
    this.pos = 0;
  }
  /**
   * This is almost equivalent to {@link Encoder#encode}, but it returns an reference of the encoder's internal buffer and thus much faster than {@link Encoder#encode}.
   *
   * @returns Encodes the object and returns a shared reference the encoder's internal buffer.
   */
  encodeSharedRef(object) {
    if (this.entered) {
      const instance = this.clone();
      return instance.encodeSharedRef(object);
    }
    try {
      this.entered = true;
      this.reinitializeState();
      this.doEncode(object, 1);
      return this.bytes.subarray(0, this.pos);
    } finally {
      this.entered = false;
    }
  }
  /**
   * @returns Encodes the object and returns a copy of the encoder's internal buffer.
   */
  encode(object) {
    if (this.entered) {
      const instance = this.clone();
      return instance.encode(object);
    }
    try {
      this.entered = true;
      this.reinitializeState();
      this.doEncode(object, 1);
      return this.bytes.slice(0, this.pos);
    } finally {
      this.entered = false;
    }
  }
  doEncode(object, depth) {
    if (depth > this.maxDepth) {
      throw new Error(`Too deep objects in depth ${depth}`);
    }
    if (object == null) {
      this.encodeNil();
    } else if (typeof object === "boolean") {
      this.encodeBoolean(object);
    } else if (typeof object === "number") {
      if (!this.forceIntegerToFloat) {
        this.encodeNumber(object);
      } else {
        this.encodeNumberAsFloat(object);
      }
    } else if (typeof object === "string") {
      this.encodeString(object);
    } else if (this.useBigInt64 && typeof object === "bigint") {
      this.encodeBigInt64(object);
    } else {
      this.encodeObject(object, depth);
    }
  }
  ensureBufferSizeToWrite(sizeToWrite) {
    const requiredSize = this.pos + sizeToWrite;
    if (this.view.byteLength < requiredSize) {
      this.resizeBuffer(requiredSize * 2);
    }
  }
  resizeBuffer(newSize) {
    const newBuffer = new ArrayBuffer(newSize);
    const newBytes = new Uint8Array(newBuffer);
    const newView = new DataView(newBuffer);
    newBytes.set(this.bytes);
    this.view = newView;
    this.bytes = newBytes;
  }
  encodeNil() {
    this.writeU8(192);
  }
  encodeBoolean(object) {
    if (object === false) {
      this.writeU8(194);
    } else {
      this.writeU8(195);
    }
  }
  encodeNumber(object) {
    if (!this.forceIntegerToFloat && Number.isSafeInteger(object)) {
      if (object >= 0) {
        if (object < 128) {
          this.writeU8(object);
        } else if (object < 256) {
          this.writeU8(204);
          this.writeU8(object);
        } else if (object < 65536) {
          this.writeU8(205);
          this.writeU16(object);
        } else if (object < 4294967296) {
          this.writeU8(206);
          this.writeU32(object);
        } else if (!this.useBigInt64) {
          this.writeU8(207);
          this.writeU64(object);
        } else {
          this.encodeNumberAsFloat(object);
        }
      } else {
        if (object >= -32) {
          this.writeU8(224 | object + 32);
        } else if (object >= -128) {
          this.writeU8(208);
          this.writeI8(object);
        } else if (object >= -32768) {
          this.writeU8(209);
          this.writeI16(object);
        } else if (object >= -2147483648) {
          this.writeU8(210);
          this.writeI32(object);
        } else if (!this.useBigInt64) {
          this.writeU8(211);
          this.writeI64(object);
        } else {
          this.encodeNumberAsFloat(object);
        }
      }
    } else {
      this.encodeNumberAsFloat(object);
    }
  }
  encodeNumberAsFloat(object) {
    if (this.forceFloat32) {
      this.writeU8(202);
      this.writeF32(object);
    } else {
      this.writeU8(203);
      this.writeF64(object);
    }
  }
  encodeBigInt64(object) {
    if (object >= BigInt(0)) {
      this.writeU8(207);
      this.writeBigUint64(object);
    } else {
      this.writeU8(211);
      this.writeBigInt64(object);
    }
  }
  writeStringHeader(byteLength) {
    if (byteLength < 32) {
      this.writeU8(160 + byteLength);
    } else if (byteLength < 256) {
      this.writeU8(217);
      this.writeU8(byteLength);
    } else if (byteLength < 65536) {
      this.writeU8(218);
      this.writeU16(byteLength);
    } else if (byteLength < 4294967296) {
      this.writeU8(219);
      this.writeU32(byteLength);
    } else {
      throw new Error(`Too long string: ${byteLength} bytes in UTF-8`);
    }
  }
  encodeString(object) {
    const maxHeaderSize = 1 + 4;
    const byteLength = utf8Count(object);
    this.ensureBufferSizeToWrite(maxHeaderSize + byteLength);
    this.writeStringHeader(byteLength);
    utf8Encode(object, this.bytes, this.pos);
    this.pos += byteLength;
  }
  encodeObject(object, depth) {
    const ext = this.extensionCodec.tryToEncode(object, this.context);
    if (ext != null) {
      this.encodeExtension(ext);
    } else if (Array.isArray(object)) {
      this.encodeArray(object, depth);
    } else if (ArrayBuffer.isView(object)) {
      this.encodeBinary(object);
    } else if (typeof object === "object") {
      this.encodeMap(object, depth);
    } else {
      throw new Error(`Unrecognized object: ${Object.prototype.toString.apply(object)}`);
    }
  }
  encodeBinary(object) {
    const size = object.byteLength;
    if (size < 256) {
      this.writeU8(196);
      this.writeU8(size);
    } else if (size < 65536) {
      this.writeU8(197);
      this.writeU16(size);
    } else if (size < 4294967296) {
      this.writeU8(198);
      this.writeU32(size);
    } else {
      throw new Error(`Too large binary: ${size}`);
    }
    const bytes = ensureUint8Array(object);
    this.writeU8a(bytes);
  }
  encodeArray(object, depth) {
    const size = object.length;
    if (size < 16) {
      this.writeU8(144 + size);
    } else if (size < 65536) {
      this.writeU8(220);
      this.writeU16(size);
    } else if (size < 4294967296) {
      this.writeU8(221);
      this.writeU32(size);
    } else {
      throw new Error(`Too large array: ${size}`);
    }
    for (const item of object) {
      this.doEncode(item, depth + 1);
    }
  }
  countWithoutUndefined(object, keys) {
    let count = 0;
    for (const key of keys) {
      if (object[key] !== void 0) {
        count++;
      }
    }
    return count;
  }
  encodeMap(object, depth) {
    const keys = Object.keys(object);
    if (this.sortKeys) {
      keys.sort();
    }
    const size = this.ignoreUndefined ? this.countWithoutUndefined(object, keys) : keys.length;
    if (size < 16) {
      this.writeU8(128 + size);
    } else if (size < 65536) {
      this.writeU8(222);
      this.writeU16(size);
    } else if (size < 4294967296) {
      this.writeU8(223);
      this.writeU32(size);
    } else {
      throw new Error(`Too large map object: ${size}`);
    }
    for (const key of keys) {
      const value = object[key];
      if (!(this.ignoreUndefined && value === void 0)) {
        this.encodeString(key);
        this.doEncode(value, depth + 1);
      }
    }
  }
  encodeExtension(ext) {
    if (typeof ext.data === "function") {
      const data = ext.data(this.pos + 6);
      const size2 = data.length;
      if (size2 >= 4294967296) {
        throw new Error(`Too large extension object: ${size2}`);
      }
      this.writeU8(201);
      this.writeU32(size2);
      this.writeI8(ext.type);
      this.writeU8a(data);
      return;
    }
    const size = ext.data.length;
    if (size === 1) {
      this.writeU8(212);
    } else if (size === 2) {
      this.writeU8(213);
    } else if (size === 4) {
      this.writeU8(214);
    } else if (size === 8) {
      this.writeU8(215);
    } else if (size === 16) {
      this.writeU8(216);
    } else if (size < 256) {
      this.writeU8(199);
      this.writeU8(size);
    } else if (size < 65536) {
      this.writeU8(200);
      this.writeU16(size);
    } else if (size < 4294967296) {
      this.writeU8(201);
      this.writeU32(size);
    } else {
      throw new Error(`Too large extension object: ${size}`);
    }
    this.writeI8(ext.type);
    this.writeU8a(ext.data);
  }
  writeU8(value) {
    this.ensureBufferSizeToWrite(1);
    this.view.setUint8(this.pos, value);
    this.pos++;
  }
  writeU8a(values) {
    const size = values.length;
    this.ensureBufferSizeToWrite(size);
    this.bytes.set(values, this.pos);
    this.pos += size;
  }
  writeI8(value) {
    this.ensureBufferSizeToWrite(1);
    this.view.setInt8(this.pos, value);
    this.pos++;
  }
  writeU16(value) {
    this.ensureBufferSizeToWrite(2);
    this.view.setUint16(this.pos, value);
    this.pos += 2;
  }
  writeI16(value) {
    this.ensureBufferSizeToWrite(2);
    this.view.setInt16(this.pos, value);
    this.pos += 2;
  }
  writeU32(value) {
    this.ensureBufferSizeToWrite(4);
    this.view.setUint32(this.pos, value);
    this.pos += 4;
  }
  writeI32(value) {
    this.ensureBufferSizeToWrite(4);
    this.view.setInt32(this.pos, value);
    this.pos += 4;
  }
  writeF32(value) {
    this.ensureBufferSizeToWrite(4);
    this.view.setFloat32(this.pos, value);
    this.pos += 4;
  }
  writeF64(value) {
    this.ensureBufferSizeToWrite(8);
    this.view.setFloat64(this.pos, value);
    this.pos += 8;
  }
  writeU64(value) {
    this.ensureBufferSizeToWrite(8);
    setUint64(this.view, this.pos, value);
    this.pos += 8;
  }
  writeI64(value) {
    this.ensureBufferSizeToWrite(8);
    setInt64(this.view, this.pos, value);
    this.pos += 8;
  }
  writeBigUint64(value) {
    this.ensureBufferSizeToWrite(8);
    this.view.setBigUint64(this.pos, value);
    this.pos += 8;
  }
  writeBigInt64(value) {
    this.ensureBufferSizeToWrite(8);
    this.view.setBigInt64(this.pos, value);
    this.pos += 8;
  }
};

// node_modules/@msgpack/msgpack/dist.esm/utils/prettyByte.mjs
function prettyByte(byte) {
  return `${byte < 0 ? "-" : ""}0x${Math.abs(byte).toString(16).padStart(2, "0")}`;
}

// node_modules/@msgpack/msgpack/dist.esm/CachedKeyDecoder.mjs
var DEFAULT_MAX_KEY_LENGTH = 16;
var DEFAULT_MAX_LENGTH_PER_KEY = 16;
var CachedKeyDecoder = class {
  hit = 0;
  miss = 0;
  caches;
  maxKeyLength;
  maxLengthPerKey;
  constructor(maxKeyLength = DEFAULT_MAX_KEY_LENGTH, maxLengthPerKey = DEFAULT_MAX_LENGTH_PER_KEY) {
    this.maxKeyLength = maxKeyLength;
    this.maxLengthPerKey = maxLengthPerKey;
    this.caches = [];
    for (let i = 0; i < this.maxKeyLength; i++) {
      this.caches.push([]);
    }
  }
  canBeCached(byteLength) {
    return byteLength > 0 && byteLength <= this.maxKeyLength;
  }
  find(bytes, inputOffset, byteLength) {
    const records = this.caches[byteLength - 1];
    FIND_CHUNK: for (const record of records) {
      const recordBytes = record.bytes;
      for (let j = 0; j < byteLength; j++) {
        if (recordBytes[j] !== bytes[inputOffset + j]) {
          continue FIND_CHUNK;
        }
      }
      return record.str;
    }
    return null;
  }
  store(bytes, value) {
    const records = this.caches[bytes.length - 1];
    const record = { bytes, str: value };
    if (records.length >= this.maxLengthPerKey) {
      records[Math.random() * records.length | 0] = record;
    } else {
      records.push(record);
    }
  }
  decode(bytes, inputOffset, byteLength) {
    const cachedValue = this.find(bytes, inputOffset, byteLength);
    if (cachedValue != null) {
      this.hit++;
      return cachedValue;
    }
    this.miss++;
    const str = utf8DecodeJs(bytes, inputOffset, byteLength);
    const slicedCopyOfBytes = Uint8Array.prototype.slice.call(bytes, inputOffset, inputOffset + byteLength);
    this.store(slicedCopyOfBytes, str);
    return str;
  }
};

// node_modules/@msgpack/msgpack/dist.esm/Decoder.mjs
var STATE_ARRAY = "array";
var STATE_MAP_KEY = "map_key";
var STATE_MAP_VALUE = "map_value";
var mapKeyConverter = (key) => {
  if (typeof key === "string" || typeof key === "number") {
    return key;
  }
  throw new DecodeError("The type of key must be string or number but " + typeof key);
};
var StackPool = class {
  stack = [];
  stackHeadPosition = -1;
  get length() {
    return this.stackHeadPosition + 1;
  }
  top() {
    return this.stack[this.stackHeadPosition];
  }
  pushArrayState(size) {
    const state = this.getUninitializedStateFromPool();
    state.type = STATE_ARRAY;
    state.position = 0;
    state.size = size;
    state.array = new Array(size);
  }
  pushMapState(size) {
    const state = this.getUninitializedStateFromPool();
    state.type = STATE_MAP_KEY;
    state.readCount = 0;
    state.size = size;
    state.map = {};
  }
  getUninitializedStateFromPool() {
    this.stackHeadPosition++;
    if (this.stackHeadPosition === this.stack.length) {
      const partialState = {
        type: void 0,
        size: 0,
        array: void 0,
        position: 0,
        readCount: 0,
        map: void 0,
        key: null
      };
      this.stack.push(partialState);
    }
    return this.stack[this.stackHeadPosition];
  }
  release(state) {
    const topStackState = this.stack[this.stackHeadPosition];
    if (topStackState !== state) {
      throw new Error("Invalid stack state. Released state is not on top of the stack.");
    }
    if (state.type === STATE_ARRAY) {
      const partialState = state;
      partialState.size = 0;
      partialState.array = void 0;
      partialState.position = 0;
      partialState.type = void 0;
    }
    if (state.type === STATE_MAP_KEY || state.type === STATE_MAP_VALUE) {
      const partialState = state;
      partialState.size = 0;
      partialState.map = void 0;
      partialState.readCount = 0;
      partialState.type = void 0;
    }
    this.stackHeadPosition--;
  }
  reset() {
    this.stack.length = 0;
    this.stackHeadPosition = -1;
  }
};
var HEAD_BYTE_REQUIRED = -1;
var EMPTY_VIEW = new DataView(new ArrayBuffer(0));
var EMPTY_BYTES = new Uint8Array(EMPTY_VIEW.buffer);
try {
  EMPTY_VIEW.getInt8(0);
} catch (e) {
  if (!(e instanceof RangeError)) {
    throw new Error("This module is not supported in the current JavaScript engine because DataView does not throw RangeError on out-of-bounds access");
  }
}
var MORE_DATA = new RangeError("Insufficient data");
var sharedCachedKeyDecoder = new CachedKeyDecoder();
var Decoder = class _Decoder {
  extensionCodec;
  context;
  useBigInt64;
  rawStrings;
  maxStrLength;
  maxBinLength;
  maxArrayLength;
  maxMapLength;
  maxExtLength;
  keyDecoder;
  mapKeyConverter;
  totalPos = 0;
  pos = 0;
  view = EMPTY_VIEW;
  bytes = EMPTY_BYTES;
  headByte = HEAD_BYTE_REQUIRED;
  stack = new StackPool();
  entered = false;
  constructor(options) {
    this.extensionCodec = options?.extensionCodec ?? ExtensionCodec.defaultCodec;
    this.context = options?.context;
    this.useBigInt64 = options?.useBigInt64 ?? false;
    this.rawStrings = options?.rawStrings ?? false;
    this.maxStrLength = options?.maxStrLength ?? UINT32_MAX;
    this.maxBinLength = options?.maxBinLength ?? UINT32_MAX;
    this.maxArrayLength = options?.maxArrayLength ?? UINT32_MAX;
    this.maxMapLength = options?.maxMapLength ?? UINT32_MAX;
    this.maxExtLength = options?.maxExtLength ?? UINT32_MAX;
    this.keyDecoder = options?.keyDecoder !== void 0 ? options.keyDecoder : sharedCachedKeyDecoder;
    this.mapKeyConverter = options?.mapKeyConverter ?? mapKeyConverter;
  }
  clone() {
    return new _Decoder({
      extensionCodec: this.extensionCodec,
      context: this.context,
      useBigInt64: this.useBigInt64,
      rawStrings: this.rawStrings,
      maxStrLength: this.maxStrLength,
      maxBinLength: this.maxBinLength,
      maxArrayLength: this.maxArrayLength,
      maxMapLength: this.maxMapLength,
      maxExtLength: this.maxExtLength,
      keyDecoder: this.keyDecoder
    });
  }
  reinitializeState() {
    this.totalPos = 0;
    this.headByte = HEAD_BYTE_REQUIRED;
    this.stack.reset();
  }
  setBuffer(buffer) {
    const bytes = ensureUint8Array(buffer);
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.pos = 0;
  }
  appendBuffer(buffer) {
    if (this.headByte === HEAD_BYTE_REQUIRED && !this.hasRemaining(1)) {
      this.setBuffer(buffer);
    } else {
      const remainingData = this.bytes.subarray(this.pos);
      const newData = ensureUint8Array(buffer);
      const newBuffer = new Uint8Array(remainingData.length + newData.length);
      newBuffer.set(remainingData);
      newBuffer.set(newData, remainingData.length);
      this.setBuffer(newBuffer);
    }
  }
  hasRemaining(size) {
    return this.view.byteLength - this.pos >= size;
  }
  createExtraByteError(posToShow) {
    const { view, pos } = this;
    return new RangeError(`Extra ${view.byteLength - pos} of ${view.byteLength} byte(s) found at buffer[${posToShow}]`);
  }
  /**
   * @throws {@link DecodeError}
   * @throws {@link RangeError}
   */
  decode(buffer) {
    if (this.entered) {
      const instance = this.clone();
      return instance.decode(buffer);
    }
    try {
      this.entered = true;
      this.reinitializeState();
      this.setBuffer(buffer);
      const object = this.doDecodeSync();
      if (this.hasRemaining(1)) {
        throw this.createExtraByteError(this.pos);
      }
      return object;
    } finally {
      this.entered = false;
    }
  }
  *decodeMulti(buffer) {
    if (this.entered) {
      const instance = this.clone();
      yield* instance.decodeMulti(buffer);
      return;
    }
    try {
      this.entered = true;
      this.reinitializeState();
      this.setBuffer(buffer);
      while (this.hasRemaining(1)) {
        yield this.doDecodeSync();
      }
    } finally {
      this.entered = false;
    }
  }
  async decodeAsync(stream) {
    if (this.entered) {
      const instance = this.clone();
      return instance.decodeAsync(stream);
    }
    try {
      this.entered = true;
      let decoded = false;
      let object;
      for await (const buffer of stream) {
        if (decoded) {
          this.entered = false;
          throw this.createExtraByteError(this.totalPos);
        }
        this.appendBuffer(buffer);
        try {
          object = this.doDecodeSync();
          decoded = true;
        } catch (e) {
          if (!(e instanceof RangeError)) {
            throw e;
          }
        }
        this.totalPos += this.pos;
      }
      if (decoded) {
        if (this.hasRemaining(1)) {
          throw this.createExtraByteError(this.totalPos);
        }
        return object;
      }
      const { headByte, pos, totalPos } = this;
      throw new RangeError(`Insufficient data in parsing ${prettyByte(headByte)} at ${totalPos} (${pos} in the current buffer)`);
    } finally {
      this.entered = false;
    }
  }
  decodeArrayStream(stream) {
    return this.decodeMultiAsync(stream, true);
  }
  decodeStream(stream) {
    return this.decodeMultiAsync(stream, false);
  }
  async *decodeMultiAsync(stream, isArray) {
    if (this.entered) {
      const instance = this.clone();
      yield* instance.decodeMultiAsync(stream, isArray);
      return;
    }
    try {
      this.entered = true;
      let isArrayHeaderRequired = isArray;
      let arrayItemsLeft = -1;
      for await (const buffer of stream) {
        if (isArray && arrayItemsLeft === 0) {
          throw this.createExtraByteError(this.totalPos);
        }
        this.appendBuffer(buffer);
        if (isArrayHeaderRequired) {
          arrayItemsLeft = this.readArraySize();
          isArrayHeaderRequired = false;
          this.complete();
        }
        try {
          while (true) {
            yield this.doDecodeSync();
            if (--arrayItemsLeft === 0) {
              break;
            }
          }
        } catch (e) {
          if (!(e instanceof RangeError)) {
            throw e;
          }
        }
        this.totalPos += this.pos;
      }
    } finally {
      this.entered = false;
    }
  }
  doDecodeSync() {
    DECODE: while (true) {
      const headByte = this.readHeadByte();
      let object;
      if (headByte >= 224) {
        object = headByte - 256;
      } else if (headByte < 192) {
        if (headByte < 128) {
          object = headByte;
        } else if (headByte < 144) {
          const size = headByte - 128;
          if (size !== 0) {
            this.pushMapState(size);
            this.complete();
            continue DECODE;
          } else {
            object = {};
          }
        } else if (headByte < 160) {
          const size = headByte - 144;
          if (size !== 0) {
            this.pushArrayState(size);
            this.complete();
            continue DECODE;
          } else {
            object = [];
          }
        } else {
          const byteLength = headByte - 160;
          object = this.decodeString(byteLength, 0);
        }
      } else if (headByte === 192) {
        object = null;
      } else if (headByte === 194) {
        object = false;
      } else if (headByte === 195) {
        object = true;
      } else if (headByte === 202) {
        object = this.readF32();
      } else if (headByte === 203) {
        object = this.readF64();
      } else if (headByte === 204) {
        object = this.readU8();
      } else if (headByte === 205) {
        object = this.readU16();
      } else if (headByte === 206) {
        object = this.readU32();
      } else if (headByte === 207) {
        if (this.useBigInt64) {
          object = this.readU64AsBigInt();
        } else {
          object = this.readU64();
        }
      } else if (headByte === 208) {
        object = this.readI8();
      } else if (headByte === 209) {
        object = this.readI16();
      } else if (headByte === 210) {
        object = this.readI32();
      } else if (headByte === 211) {
        if (this.useBigInt64) {
          object = this.readI64AsBigInt();
        } else {
          object = this.readI64();
        }
      } else if (headByte === 217) {
        const byteLength = this.lookU8();
        object = this.decodeString(byteLength, 1);
      } else if (headByte === 218) {
        const byteLength = this.lookU16();
        object = this.decodeString(byteLength, 2);
      } else if (headByte === 219) {
        const byteLength = this.lookU32();
        object = this.decodeString(byteLength, 4);
      } else if (headByte === 220) {
        const size = this.readU16();
        if (size !== 0) {
          this.pushArrayState(size);
          this.complete();
          continue DECODE;
        } else {
          object = [];
        }
      } else if (headByte === 221) {
        const size = this.readU32();
        if (size !== 0) {
          this.pushArrayState(size);
          this.complete();
          continue DECODE;
        } else {
          object = [];
        }
      } else if (headByte === 222) {
        const size = this.readU16();
        if (size !== 0) {
          this.pushMapState(size);
          this.complete();
          continue DECODE;
        } else {
          object = {};
        }
      } else if (headByte === 223) {
        const size = this.readU32();
        if (size !== 0) {
          this.pushMapState(size);
          this.complete();
          continue DECODE;
        } else {
          object = {};
        }
      } else if (headByte === 196) {
        const size = this.lookU8();
        object = this.decodeBinary(size, 1);
      } else if (headByte === 197) {
        const size = this.lookU16();
        object = this.decodeBinary(size, 2);
      } else if (headByte === 198) {
        const size = this.lookU32();
        object = this.decodeBinary(size, 4);
      } else if (headByte === 212) {
        object = this.decodeExtension(1, 0);
      } else if (headByte === 213) {
        object = this.decodeExtension(2, 0);
      } else if (headByte === 214) {
        object = this.decodeExtension(4, 0);
      } else if (headByte === 215) {
        object = this.decodeExtension(8, 0);
      } else if (headByte === 216) {
        object = this.decodeExtension(16, 0);
      } else if (headByte === 199) {
        const size = this.lookU8();
        object = this.decodeExtension(size, 1);
      } else if (headByte === 200) {
        const size = this.lookU16();
        object = this.decodeExtension(size, 2);
      } else if (headByte === 201) {
        const size = this.lookU32();
        object = this.decodeExtension(size, 4);
      } else {
        throw new DecodeError(`Unrecognized type byte: ${prettyByte(headByte)}`);
      }
      this.complete();
      const stack = this.stack;
      while (stack.length > 0) {
        const state = stack.top();
        if (state.type === STATE_ARRAY) {
          state.array[state.position] = object;
          state.position++;
          if (state.position === state.size) {
            object = state.array;
            stack.release(state);
          } else {
            continue DECODE;
          }
        } else if (state.type === STATE_MAP_KEY) {
          if (object === "__proto__") {
            throw new DecodeError("The key __proto__ is not allowed");
          }
          state.key = this.mapKeyConverter(object);
          state.type = STATE_MAP_VALUE;
          continue DECODE;
        } else {
          state.map[state.key] = object;
          state.readCount++;
          if (state.readCount === state.size) {
            object = state.map;
            stack.release(state);
          } else {
            state.key = null;
            state.type = STATE_MAP_KEY;
            continue DECODE;
          }
        }
      }
      return object;
    }
  }
  readHeadByte() {
    if (this.headByte === HEAD_BYTE_REQUIRED) {
      this.headByte = this.readU8();
    }
    return this.headByte;
  }
  complete() {
    this.headByte = HEAD_BYTE_REQUIRED;
  }
  readArraySize() {
    const headByte = this.readHeadByte();
    switch (headByte) {
      case 220:
        return this.readU16();
      case 221:
        return this.readU32();
      default: {
        if (headByte < 160) {
          return headByte - 144;
        } else {
          throw new DecodeError(`Unrecognized array type byte: ${prettyByte(headByte)}`);
        }
      }
    }
  }
  pushMapState(size) {
    if (size > this.maxMapLength) {
      throw new DecodeError(`Max length exceeded: map length (${size}) > maxMapLengthLength (${this.maxMapLength})`);
    }
    this.stack.pushMapState(size);
  }
  pushArrayState(size) {
    if (size > this.maxArrayLength) {
      throw new DecodeError(`Max length exceeded: array length (${size}) > maxArrayLength (${this.maxArrayLength})`);
    }
    this.stack.pushArrayState(size);
  }
  decodeString(byteLength, headerOffset) {
    if (!this.rawStrings || this.stateIsMapKey()) {
      return this.decodeUtf8String(byteLength, headerOffset);
    }
    return this.decodeBinary(byteLength, headerOffset);
  }
  /**
   * @throws {@link RangeError}
   */
  decodeUtf8String(byteLength, headerOffset) {
    if (byteLength > this.maxStrLength) {
      throw new DecodeError(`Max length exceeded: UTF-8 byte length (${byteLength}) > maxStrLength (${this.maxStrLength})`);
    }
    if (this.bytes.byteLength < this.pos + headerOffset + byteLength) {
      throw MORE_DATA;
    }
    const offset = this.pos + headerOffset;
    let object;
    if (this.stateIsMapKey() && this.keyDecoder?.canBeCached(byteLength)) {
      object = this.keyDecoder.decode(this.bytes, offset, byteLength);
    } else {
      object = utf8Decode(this.bytes, offset, byteLength);
    }
    this.pos += headerOffset + byteLength;
    return object;
  }
  stateIsMapKey() {
    if (this.stack.length > 0) {
      const state = this.stack.top();
      return state.type === STATE_MAP_KEY;
    }
    return false;
  }
  /**
   * @throws {@link RangeError}
   */
  decodeBinary(byteLength, headOffset) {
    if (byteLength > this.maxBinLength) {
      throw new DecodeError(`Max length exceeded: bin length (${byteLength}) > maxBinLength (${this.maxBinLength})`);
    }
    if (!this.hasRemaining(byteLength + headOffset)) {
      throw MORE_DATA;
    }
    const offset = this.pos + headOffset;
    const object = this.bytes.subarray(offset, offset + byteLength);
    this.pos += headOffset + byteLength;
    return object;
  }
  decodeExtension(size, headOffset) {
    if (size > this.maxExtLength) {
      throw new DecodeError(`Max length exceeded: ext length (${size}) > maxExtLength (${this.maxExtLength})`);
    }
    const extType = this.view.getInt8(this.pos + headOffset);
    const data = this.decodeBinary(
      size,
      headOffset + 1
      /* extType */
    );
    return this.extensionCodec.decode(data, extType, this.context);
  }
  lookU8() {
    return this.view.getUint8(this.pos);
  }
  lookU16() {
    return this.view.getUint16(this.pos);
  }
  lookU32() {
    return this.view.getUint32(this.pos);
  }
  readU8() {
    const value = this.view.getUint8(this.pos);
    this.pos++;
    return value;
  }
  readI8() {
    const value = this.view.getInt8(this.pos);
    this.pos++;
    return value;
  }
  readU16() {
    const value = this.view.getUint16(this.pos);
    this.pos += 2;
    return value;
  }
  readI16() {
    const value = this.view.getInt16(this.pos);
    this.pos += 2;
    return value;
  }
  readU32() {
    const value = this.view.getUint32(this.pos);
    this.pos += 4;
    return value;
  }
  readI32() {
    const value = this.view.getInt32(this.pos);
    this.pos += 4;
    return value;
  }
  readU64() {
    const value = getUint64(this.view, this.pos);
    this.pos += 8;
    return value;
  }
  readI64() {
    const value = getInt64(this.view, this.pos);
    this.pos += 8;
    return value;
  }
  readU64AsBigInt() {
    const value = this.view.getBigUint64(this.pos);
    this.pos += 8;
    return value;
  }
  readI64AsBigInt() {
    const value = this.view.getBigInt64(this.pos);
    this.pos += 8;
    return value;
  }
  readF32() {
    const value = this.view.getFloat32(this.pos);
    this.pos += 4;
    return value;
  }
  readF64() {
    const value = this.view.getFloat64(this.pos);
    this.pos += 8;
    return value;
  }
};

// src/wire/errors.js
var ColoniesError = class extends Error {
  /** The word that stands for the reason on the wire. */
  static code = "internal";
  /** Whether the same request may succeed later, unchanged. */
  static retry = false;
  /**
   * @param {string} message
   * @param {Record<string, unknown>} [data] fields that a program can act on
   * @param {{ code?: string, retry?: boolean }} [unknown] of a code that a newer broker uses
   */
  constructor(message, data = {}, unknown = {}) {
    super(message);
    const kind = (
      /** @type {typeof ColoniesError} */
      new.target
    );
    this.name = kind.name;
    this.code = unknown.code ?? kind.code;
    this.retry = unknown.retry ?? kind.retry;
    this.data = data;
  }
};
var Internal = class extends ColoniesError {
  static code = "internal";
  static retry = true;
};
var Unavailable = class extends ColoniesError {
  static code = "unavailable";
  static retry = true;
};
var Draining = class extends ColoniesError {
  static code = "draining";
  static retry = true;
};
var Overloaded = class extends ColoniesError {
  static code = "overloaded";
  static retry = true;
};
var BadRequest = class extends ColoniesError {
  static code = "bad_request";
};
var TooLarge = class extends ColoniesError {
  static code = "too_large";
};
var BadSignature = class extends ColoniesError {
  static code = "bad_signature";
};
var Replayed = class extends ColoniesError {
  static code = "replayed";
};
var UnknownIdentity = class extends ColoniesError {
  static code = "unknown_identity";
};
var NotApproved = class extends ColoniesError {
  static code = "not_approved";
};
var Forbidden = class extends ColoniesError {
  static code = "forbidden";
};
var NotFound = class extends ColoniesError {
  static code = "not_found";
};
var Exists = class extends ColoniesError {
  static code = "exists";
};
var WrongState = class extends ColoniesError {
  static code = "wrong_state";
};
var NotAssignedToYou = class extends ColoniesError {
  static code = "not_assigned_to_you";
};
var DeadlinePassed = class extends ColoniesError {
  static code = "deadline_passed";
};
var NothingToAssign = class extends ColoniesError {
  static code = "nothing_to_assign";
  static retry = true;
};
var TABLE = Object.freeze(
  Object.fromEntries(
    [
      Internal,
      Unavailable,
      Draining,
      Overloaded,
      BadRequest,
      TooLarge,
      BadSignature,
      Replayed,
      UnknownIdentity,
      NotApproved,
      Forbidden,
      NotFound,
      Exists,
      WrongState,
      NotAssignedToYou,
      DeadlinePassed,
      NothingToAssign
    ].map((kind) => [kind.code, kind])
  )
);
function errorOf(error) {
  const code = String(error.code ?? "internal");
  const message = String(error.message ?? "");
  const data = (
    /** @type {Record<string, unknown>} */
    isMap(error.data) ? error.data : {}
  );
  const kind = Object.hasOwn(TABLE, code) ? TABLE[code] : void 0;
  return kind ? new kind(message, data) : new ColoniesError(message, data, { code, retry: Boolean(error.retry) });
}
function isMap(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
function badRequest(field, expected, got) {
  const where = field ? `field \`${field}\`: ` : "";
  return new BadRequest(`${where}expected ${expected}, got ${got}`, { field, expected, got });
}
var BadFrame = class extends Error {
  name = "BadFrame";
};
var CloseCode = Object.freeze({
  DRAINING: 4e3,
  SLOW: 4001,
  IDLE: 4002,
  OVERLOADED: 4003,
  BAD_FRAME: 4500,
  BAD_SIGNATURE: 4501,
  REPLAYED: 4502,
  TOO_LARGE: 4503,
  NO_HELLO_ANSWERED: 4504,
  REFUSED: 4505
});
function mayComeBack(closeCode) {
  return !(closeCode >= 4500 && closeCode <= 4999);
}

// src/wire/frames.js
var PROTOCOL = 1;
var SUBPROTOCOL = "colonies.v1";
var CHALLENGE_BYTES = 32;
var MAX_FRAME_BYTES = 1 << 20;
var MAX_DEPTH = 32;
var MAX_BATCH = 256;
var MAX_INFLIGHT = 64;
var DOMAIN = new TextEncoder().encode(`${SUBPROTOCOL}\0`);
var REQUEST = 0;
var RESPONSE = 1;
var NOTIFICATION = 2;
var MAX_MESSAGE_DEPTH = MAX_DEPTH + 8;
var encoder = new Encoder({ ignoreUndefined: true, maxDepth: 2 * MAX_DEPTH });
var decoder = new Decoder({
  extensionCodec: {
    tryToEncode: () => null,
    decode(_bytes, type) {
      throw new BadFrame(`MessagePack extension type ${type} is not used here`);
    }
  },
  keyDecoder: {
    // The decoder would refuse the whole frame because of what one submitter wrote into one process.
    canBeCached: (byteLength) => byteLength === 9,
    decode: (bytes, offset, byteLength) => keyOf(utf8.decode(bytes.subarray(offset, offset + byteLength)))
  },
  mapKeyConverter: (key) => keyOf(key instanceof Uint8Array ? utf8.decode(key) : String(key))
});
var utf8 = new TextDecoder();
function keyOf(key) {
  return key === "__proto__" ? "[__proto__]" : key;
}
function pack(value) {
  return encoder.encode(value);
}
function unpack(raw, maxDepth = MAX_DEPTH) {
  let value;
  try {
    value = decoder.decode(raw);
  } catch (error) {
    if (error instanceof BadFrame) throw error;
    throw new BadFrame(`not MessagePack: ${error instanceof Error ? error.message : error}`);
  }
  if (isDeeper(value, maxDepth)) throw new BadFrame(`nested more than ${maxDepth} levels deep`);
  return value;
}
function isDeeper(value, levels) {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return false;
  if (levels === 0) return true;
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    if (typeof item === "object" && isDeeper(item, levels - 1)) return true;
  }
  return false;
}
function signedBytes(challenge, body) {
  return concatenated([DOMAIN, challenge, body]);
}
function encodeEnvelope(key, signature, body) {
  return pack([key, signature, body]);
}
function encodeRequest(id, method, params) {
  return concatenated([arrayHeader(4), pack(REQUEST), pack(id), pack(method), params]);
}
function join(messages) {
  return messages.length === 1 ? messages[0] : concatenated([arrayHeader(messages.length), ...messages]);
}
function decodeMessages(frame) {
  const value = unpack(frame, MAX_MESSAGE_DEPTH);
  if (!Array.isArray(value) || value.length === 0) throw new BadFrame("a frame is a message or an array of messages");
  return (Array.isArray(value[0]) ? value : [value]).map(messageOf);
}
function messageOf(item) {
  if (Array.isArray(item)) {
    const [kind, second, third, result] = item;
    if (kind === RESPONSE && item.length === 4 && Number.isInteger(second) && (third === null || isMap2(third))) {
      return { kind: "response", id: second, error: third, result };
    }
    if (kind === NOTIFICATION && item.length === 3 && typeof second === "string" && isMap2(third)) {
      return { kind: "notification", name: second, params: third };
    }
  }
  throw new BadFrame("a message is [1, id, error, result] or [2, name, params]");
}
function isMap2(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}
function arrayHeader(length) {
  return Uint8Array.from(length < 16 ? [144 | length] : [220, length >> 8, length & 255]);
}
function concatenated(parts) {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// src/wire/hex.js
function hexOfBytes(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
function bytesOfHex(text) {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
}
function randomHex(bytes) {
  return hexOfBytes(crypto.getRandomValues(new Uint8Array(bytes)));
}

// src/wire/messages.js
var METHODS = Object.freeze({
  "server.info": { repeatSafe: true },
  "member.whoami": { repeatSafe: true },
  "colony.add": { repeatSafe: true },
  "colony.remove": { repeatSafe: false },
  "colony.list": { repeatSafe: true },
  "colony.get": { repeatSafe: true },
  "executor.add": { repeatSafe: true },
  "executor.approve": { repeatSafe: true },
  "executor.reject": { repeatSafe: true },
  "executor.remove": { repeatSafe: false },
  "executor.list": { repeatSafe: true },
  "executor.get": { repeatSafe: true },
  "executor.resolve": { repeatSafe: true },
  "user.add": { repeatSafe: true },
  "user.list": { repeatSafe: true },
  "user.remove": { repeatSafe: false },
  "function.add": { repeatSafe: true },
  "function.list": { repeatSafe: true },
  "function.remove": { repeatSafe: false },
  "process.submit": { repeatSafe: true },
  "process.assign": { repeatSafe: true },
  "process.close": { repeatSafe: true },
  "process.hand_back": { repeatSafe: true },
  "process.get": { repeatSafe: true },
  "process.list": { repeatSafe: true },
  "process.cancel": { repeatSafe: true },
  "process.retry": { repeatSafe: true },
  "process.remove": { repeatSafe: false },
  "process.retry_matching": { repeatSafe: true },
  "process.cancel_matching": { repeatSafe: false },
  "process.remove_matching": { repeatSafe: false },
  "process.explain": { repeatSafe: true },
  "failure.list": { repeatSafe: true },
  "attribute.set": { repeatSafe: true },
  "attribute.list": { repeatSafe: true },
  "log.add": { repeatSafe: false },
  "log.list": { repeatSafe: true },
  "log.subscribe": { repeatSafe: true },
  subscribe: { repeatSafe: true },
  watch: { repeatSafe: true },
  "activity.subscribe": { repeatSafe: true },
  "stats.get": { repeatSafe: true },
  "stats.history": { repeatSafe: true },
  "stats.subscribe": { repeatSafe: true },
  "subscription.cancel": { repeatSafe: true }
});

// src/wire/sendable.js
var MAX_PARAMS_DEPTH = MAX_DEPTH - 2;
function checkSendable(params) {
  look(params, "", MAX_PARAMS_DEPTH);
}
function look(value, path, levels) {
  if (typeof value === "string") {
    if (!isWellFormed(value)) throw badRequest(path, "text", "half a surrogate pair");
  } else if (typeof value === "object" && value !== null) {
    lookInside(value, path, levels);
  } else if (!["undefined", "boolean", "number", "object"].includes(typeof value)) {
    throw badRequest(path, "what MessagePack has a form for", `a ${typeof value}`);
  }
}
function lookInside(value, path, levels) {
  if (ArrayBuffer.isView(value)) return;
  if (levels === 0)
    throw badRequest(path, `at most ${MAX_PARAMS_DEPTH} levels`, "more, or something that holds itself");
  if (Array.isArray(value)) {
    value.forEach((item, index) => look(item, `${path}[${index}]`, levels - 1));
  } else if (UNFIT.some((kind) => value instanceof kind)) {
    throw badRequest(path, "a plain value: text, number, boolean, null, array, object, Uint8Array", nameOf(value));
  } else {
    for (const [key, item] of Object.entries(value)) {
      look(key, path, levels);
      look(item, path ? `${path}.${key}` : key, levels - 1);
    }
  }
}
var UNFIT = [Date, Map, Set, Promise, RegExp, Error, ArrayBuffer];
function nameOf(value) {
  return `a ${value.constructor?.name ?? "strange object"}`;
}
function isWellFormed(text) {
  return !/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/.test(text);
}

// src/asked.js
var MATCHING = Object.freeze(["process.retry_matching", "process.cancel_matching", "process.remove_matching"]);
function newClaimid() {
  return randomHex(8);
}
var Asked = class {
  /** Nobody waits for its answer any more. */
  isForgotten = false;
  /** The broker has begun with it. */
  hasBegun = false;
  /** The end of a wait that was begun. @type {number | null} */
  #until = null;
  /**
   * @param {string} method
   * @param {Record<string, unknown>} params
   * @param {Signer} signer
   * @param {object} [options]
   * @param {Settle} [options.settle]
   * @param {Progress} [options.progress] called with how far it is, any number of times before `settle`
   * @param {boolean} [options.isLastWord] it tidies up behind somebody who has gone, and is said even while the client
   *   closes
   * Throws BadRequest for what cannot be sent, before a broker would close the connection over it.
   */
  constructor(method, params, signer, { settle: settle2 = () => {
  }, progress = () => {
  }, isLastWord = false } = {}) {
    checkSendable(params);
    this.method = method;
    this.params = params;
    this.signer = signer;
    this.settle = settle2;
    this.progress = progress;
    this.isLastWord = isLastWord;
    this.packed = pack(params);
  }
  /** Whether to say it again on the next connection. There, a subscription's number would mean another one. */
  get mayRepeat() {
    return METHODS[this.method].repeatSafe && this.method !== "subscription.cancel";
  }
  /** Whether the broker may keep it unanswered for long. */
  get waits() {
    return this.method === "process.assign" && Boolean(this.params.timeout) || MATCHING.includes(this.method);
  }
  /** Whether passing trouble of a broker does not end it. @returns {boolean} */
  get standsAgain() {
    return false;
  }
  /** The field of its result without which nobody could give back what was answered. @returns {string} */
  get needs() {
    return this.method === "process.assign" ? "processid" : "";
  }
  /**
   * The request as it is sent at `now`, seconds of the caller's steady clock.
   * @param {number} id
   * @param {number} now
   */
  encode(id, now) {
    return encodeRequest(id, this.method, this.packedAt(now));
  }
  /** @param {number} now */
  packedAt(now) {
    if (this.method !== "process.assign") return this.packed;
    if (this.#until === null) {
      this.#until = now + Number(this.params.timeout ?? 0);
      return this.packed;
    }
    const again = "claimid" in this.params ? { repeated: true } : {};
    return pack({ ...this.params, timeout: Math.max(0, this.#until - now), ...again });
  }
};
var Standing = class extends Asked {
  /**
   * By which the broker knows it on this connection.
   * @type {number | null}
   */
  number = null;
  /** Once it was made, no passing trouble of a broker ends it. */
  wasMade = false;
  /**
   * @param {string} method
   * @param {Record<string, unknown>} params
   * @param {Signer} signer
   * @param {object} options
   * @param {(value: any) => void} options.push called with each thing that the broker tells it
   * @param {(reason: string) => void} options.ended called once, when it is over
   * @param {number | null} options.until when it ends, seconds of the caller's steady clock; null: never
   * @param {boolean} options.lasts whether it is asked for again on the next connection
   * @param {Settle} options.settle
   */
  constructor(method, params, signer, { push, ended, until, lasts, settle: settle2 }) {
    super(method, params, signer, { settle: settle2 });
    this.push = push;
    this.ended = ended;
    this.until = until;
    this.lasts = lasts;
  }
  get standsAgain() {
    return this.wasMade && this.lasts && !this.isForgotten;
  }
  get needs() {
    return "subscription";
  }
  /** @param {number} now */
  isOver(now) {
    return this.until !== null && this.until <= now;
  }
  /**
   * After a reconnect only the time that is left.
   * @param {number} now
   */
  packedAt(now) {
    return this.until === null ? this.packed : pack({ ...this.params, timeout: Math.max(1e-3, this.until - now) });
  }
};

// src/addresses.js
var SCHEMES = { "http:": "ws:", "https:": "wss:", "ws:": "ws:", "wss:": "wss:" };
function socketAddresses(address = ownAddress()) {
  const given = typeof address === "string" ? [address] : [...address];
  if (given.length === 0) throw new RangeError("give the address of a broker, as http://127.0.0.1:8080");
  return given.map(socketAddress);
}
function ownAddress() {
  const origin = globalThis.location?.origin;
  return origin && origin !== "null" ? origin : [];
}
function socketAddress(address) {
  const url = urlOf(address);
  if (!url || !Object.hasOwn(SCHEMES, url.protocol) || !url.hostname) {
    throw new RangeError(`"${address}" is no address of a broker; write it as http://127.0.0.1:8080`);
  }
  const path = url.pathname.replace(/\/+$/, "");
  return `${SCHEMES[url.protocol]}//${url.host}${path.endsWith("/ws") ? path : `${path}/ws`}`;
}
function urlOf(address) {
  try {
    return new URL(address.includes("://") ? address : `http://${address}`);
  } catch {
    return null;
  }
}

// src/clock.js
function steadySeconds() {
  return performance.now() / 1e3;
}
var LONGEST_TIMER_SECONDS = (2 ** 31 - 1) / 1e3;
function inSeconds(seconds, call) {
  return seconds > LONGEST_TIMER_SECONDS ? void 0 : setTimeout(call, seconds * 1e3);
}
var nextTurn = typeof setImmediate === "function" ? (call) => void setImmediate(call) : turnByMessage();
function turnByMessage() {
  const { port1, port2 } = new MessageChannel();
  const calls = [];
  port1.onmessage = () => calls.shift()?.();
  return (call) => {
    calls.push(call);
    port2.postMessage(null);
  };
}
var Bell = class {
  #isRung = false;
  #ringsSoon = false;
  /** @type {Set<() => void>} */
  #waiting = /* @__PURE__ */ new Set();
  ring() {
    if (this.#waiting.size === 0) this.#isRung = true;
    for (const hear of [...this.#waiting]) hear();
  }
  /** Ring it after what runs now: once, however often that is asked for until then. */
  ringSoon() {
    if (this.#ringsSoon) return;
    this.#ringsSoon = true;
    nextTurn(() => {
      this.#ringsSoon = false;
      this.ring();
    });
  }
  /**
   * Return once it is rung, or after so many seconds. Whether it was rung.
   * @param {number} [seconds]
   * @returns {Promise<boolean>}
   */
  async wait(seconds = Infinity) {
    if (this.#isRung || seconds <= 0) {
      const wasRung = this.#isRung;
      this.#isRung = false;
      return wasRung;
    }
    return new Promise((resolve) => {
      const end = (wasRung) => {
        clearTimeout(timer);
        this.#waiting.delete(hear);
        resolve(wasRung);
      };
      const hear = () => end(true);
      const timer = inSeconds(seconds, () => end(false));
      this.#waiting.add(hear);
    });
  }
};

// src/errors.js
var Unreachable = class extends Unavailable {
};
var NoAnswer = class extends Unavailable {
};
var ConnectionLost = class extends Unavailable {
};
var TurnedAway = class extends ColoniesError {
  static code = "turned_away";
};
var Closed = class extends ColoniesError {
  static code = "closed";
};
var SubscriptionEnded = class extends ColoniesError {
  static code = "subscription_ended";
  static retry = true;
  /** @param {string} reason */
  constructor(reason) {
    super(`the subscription ended (${reason}); subscribe again to hear more`, { reason });
    this.reason = reason;
  }
};

// src/answer.js
var Answer = class {
  /** @type {Asked} */
  asked = (
    /** @type {any} */
    null
  );
  // set by who asks
  #connection;
  #seconds;
  #tell;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #late;
  #isSettled = false;
  #hasGivenUp = false;
  /** @type {(result: any) => void} */
  #resolve = () => {
  };
  /** @type {(error: unknown) => void} */
  #reject = () => {
  };
  #result = new Promise((resolve, reject) => {
    this.#resolve = resolve;
    this.#reject = reject;
  });
  /**
   * @param {Connection} connection
   * @param {number} seconds
   * @param {Progress} [tell] called with how far it is; what it throws ends the waiting
   */
  constructor(connection, seconds, tell = () => {
  }) {
    this.#connection = connection;
    this.#seconds = seconds;
    this.#tell = tell;
    this.#result.catch(() => {
    });
  }
  /**
   * @param {any} result
   * @param {ColoniesError | null} error
   */
  settle(result, error) {
    if (this.#hasGivenUp) return;
    this.#isSettled = true;
    if (error === null) this.#resolve(result);
    else this.#reject(error);
  }
  /** @type {Progress} */
  progress(done, matched) {
    if (this.#isSettled || this.#hasGivenUp) return;
    if (this.#late !== void 0) this.#waitOnce();
    try {
      this.#tell(done, matched);
    } catch (error) {
      this.#giveUp(error);
    }
  }
  /** Give up when nothing is heard for so long, counted from now. */
  #waitOnce() {
    clearTimeout(this.#late);
    this.#late = inSeconds(this.#seconds, () => this.#giveUp(this.#noAnswer()));
  }
  /**
   * Wait for the result, or throw the refusal. Aborting forgets it: an assigned process is handed back.
   * @param {AbortSignal} [signal]
   * @returns {Promise<any>}
   */
  async wait(signal) {
    const { hasAnswered, connectSeconds } = this.#connection;
    const noBroker = hasAnswered ? void 0 : inSeconds(Math.min(connectSeconds, this.#seconds), () => this.#unlessReachable());
    this.#waitOnce();
    const abort = () => this.#giveUp(signal?.reason);
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
    try {
      return await this.#result;
    } finally {
      clearTimeout(noBroker);
      clearTimeout(this.#late);
      this.#late = void 0;
      signal?.removeEventListener("abort", abort);
    }
  }
  #unlessReachable() {
    if (!this.#connection.hasAnswered) this.#giveUp(this.#connection.unreachable());
  }
  /** @param {unknown} error */
  #giveUp(error) {
    if (this.#isSettled || this.#hasGivenUp) return;
    this.#hasGivenUp = true;
    this.#connection.forget(this.asked);
    this.#reject(error);
  }
  #noAnswer() {
    if (!this.#connection.isOpen) return this.#connection.unreachable();
    const repeat = this.asked.mayRepeat ? "a repeat is safe" : "look before you repeat it";
    const told2 = `${this.asked.method} was not answered within ${this.#seconds} s`;
    return new NoAnswer(`${told2}; it may or may not have happened, ${repeat}`);
  }
};

// src/backoff.js
var BASE_SECONDS = 0.1;
var CAP_SECONDS = 10;
function fullJitter(failures, cap = CAP_SECONDS) {
  return Math.random() * Math.min(cap, BASE_SECONDS * 2 ** Math.min(failures - 1, 16));
}
function shuffled(addresses) {
  const left = [...addresses];
  return addresses.map(() => left.splice(Math.floor(Math.random() * left.length), 1)[0]);
}

// src/attempts.js
var Attempts = class {
  /** How many failed in a row; 0 when whoever asks now has waited for nothing yet. */
  failures = 0;
  /** Whether a broker has ever answered: then whether one answers now is no reason to give up. */
  hasAnswered = false;
  #turn = 0;
  #failuresBefore = 0;
  /**
   * Clients that are given the same list each go through it in an order of their own: so all brokers get some of them,
   * and those of one that stops go to all the others.
   * @param {readonly string[]} addresses
   * @param {number} connectSeconds how long a request waits for a first broker
   */
  constructor(addresses, connectSeconds) {
    this.addresses = shuffled(addresses);
    this.connectSeconds = connectSeconds;
  }
  /** Begin one, at the address whose turn it is. */
  begin() {
    this.#failuresBefore = ++this.failures;
    return this.addresses[this.#turn++ % this.addresses.length];
  }
  /** A broker talks: coming back from here takes hardly a pause. */
  succeed() {
    this.hasAnswered = true;
    this.failures = 1;
  }
  /** It did answer, but only to say that it has too much to do. */
  unsucceed() {
    this.failures = this.#failuresBefore;
  }
  /**
   * Seconds until the next one.
   * @param {number} askedFor by the broker that was left
   */
  pause(askedFor) {
    if (this.failures === 0) return askedFor;
    const cap = this.hasAnswered ? CAP_SECONDS : Math.min(CAP_SECONDS, this.connectSeconds / 2);
    return Math.max(askedFor, fullJitter(this.failures, cap));
  }
};

// src/batches.js
var USUAL_LIMITS = { frame: MAX_FRAME_BYTES, batch: MAX_BATCH, inflight: MAX_INFLIGHT };
var AROUND_A_BODY_BYTES = 128;
var Batch = class {
  bytes = 0;
  /** @type {Map<number, Uint8Array>} */
  requests = /* @__PURE__ */ new Map();
  /** @param {Signer} signer */
  constructor(signer) {
    this.signer = signer;
  }
};
var Batches = class {
  /** @type {Batch[]} */
  all = [];
  /** @type {Map<string, Batch>} */
  #open = /* @__PURE__ */ new Map();
  /** @param {Limits} limits */
  constructor(limits) {
    this.limits = limits;
  }
  /**
   * Put a request in. False when no frame is large enough for it.
   * @param {Signer} signer
   * @param {number} id
   * @param {Uint8Array} request
   */
  add(signer, id, request) {
    const room = this.limits.frame - AROUND_A_BODY_BYTES;
    if (request.length > room) return false;
    let batch = this.#open.get(signer.id);
    if (!batch || batch.requests.size >= this.limits.batch || batch.bytes + request.length > room) {
      batch = new Batch(signer);
      this.#open.set(signer.id, batch);
      this.all.push(batch);
    }
    batch.requests.set(id, request);
    batch.bytes += request.length;
    return true;
  }
};

// src/hello.js
function helloOf(message) {
  if (message.kind !== "notification" || message.name !== "hello") throw new BadFrame("a broker says hello first");
  const { protocol, challenge, limits } = message.params;
  if (protocol !== PROTOCOL) {
    throw new TurnedAway(`the broker speaks protocol ${protocol}, this client ${PROTOCOL}`);
  }
  if (!(challenge instanceof Uint8Array) || challenge.length !== CHALLENGE_BYTES) {
    throw new BadFrame("a hello without a challenge");
  }
  return { challenge, limits: limitsOf(isMap2(limits) ? limits : {}) };
}
function limitsOf(given) {
  const limits = { ...USUAL_LIMITS };
  for (
    const name of
    /** @type {(keyof Limits)[]} */
    Object.keys(limits)
  ) {
    const limit = given[name] ?? limits[name];
    if (!Number.isInteger(limit) || Number(limit) < 1) throw new BadFrame(`a hello that allows nothing (${name})`);
    limits[name] = Number(limit);
  }
  return limits;
}

// src/signing.js
function signedFrame(signer, challenge, requests, { atOnce, failed }) {
  const body = join(requests);
  const message = signedBytes(challenge, body);
  const envelope = (signature) => encodeEnvelope(bytesOfHex(signer.id), signature, body);
  try {
    const signature = atOnce && signer.signNow ? signer.signNow(message) : signer.sign(message);
    return signature instanceof Uint8Array ? envelope(signature) : signature.then(envelope).catch(failed);
  } catch (error) {
    return failed(error);
  }
}

// src/standings.js
var TOLD = Object.freeze({
  process: ({ event, process }) => isMap2(process) ? { event, process } : void 0,
  stats: ({ stats }) => isMap2(stats) && Array.isArray(stats.types) ? stats : void 0,
  activity: ({ events, missed }) => Array.isArray(events) ? { events, missed } : void 0,
  log: ({ processid, seq }) => ({ processid, seq })
});
var HEARS = Object.freeze({
  subscribe: "process",
  watch: "process",
  "stats.subscribe": "stats",
  "activity.subscribe": "activity",
  "log.subscribe": "log"
});
var Standings = class {
  /** @type {Map<number, Standing>} */
  #byNumber = /* @__PURE__ */ new Map();
  get size() {
    return this.#byNumber.size;
  }
  get all() {
    return [...this.#byNumber.values()];
  }
  /** The broker has made it. @param {Standing} standing @param {number} number */
  add(standing, number) {
    standing.number = number;
    standing.wasMade = true;
    this.#byNumber.set(number, standing);
  }
  /** Its number, which means nothing from now on; null when it stood for nothing. @param {Standing} standing */
  remove(standing) {
    const { number } = standing;
    if (number !== null) this.#byNumber.delete(number);
    standing.number = null;
    return number;
  }
  /** All of them, which stand no more. */
  takeAll() {
    const all = this.all;
    for (const standing of all) standing.number = null;
    this.#byNumber = /* @__PURE__ */ new Map();
    return all;
  }
  /**
   * Hand on what was pushed. False when this notification is for no subscription. Throws BadFrame.
   * @param {string} name
   * @param {Record<string, any>} params
   */
  push(name, params) {
    if (!Object.hasOwn(TOLD, name)) return false;
    const told2 = TOLD[name](params);
    if (told2 === void 0) throw new BadFrame(`a notification ${name} without what belongs into it`);
    const standing = this.#byNumber.get(params.subscription);
    if (standing && HEARS[standing.method] === name) standing.push(told2);
    return true;
  }
  /**
   * Those that a broker ends for its own sake are asked for again on the next connection.
   * @param {number} number
   * @param {string} reason
   */
  end(number, reason) {
    const standing = this.#byNumber.get(number);
    if (!standing || standing.lasts && ["draining", "slow"].includes(reason)) return;
    this.remove(standing);
    standing.ended(reason);
  }
};

// src/unanswered.js
var Unanswered = class {
  /** @type {Map<number, Asked>} */
  #byId = /* @__PURE__ */ new Map();
  // Rises over all keys and connections, and so for each of them.
  #lastId = 0;
  get size() {
    return this.#byId.size;
  }
  get all() {
    return [...this.#byId.values()];
  }
  /** What the next request is called. */
  get nextId() {
    return this.#lastId + 1;
  }
  /** It is said, under `nextId`. @param {Asked} asked */
  add(asked) {
    this.#byId.set(++this.#lastId, asked);
  }
  /** @param {number} id */
  get(id) {
    return this.#byId.get(id);
  }
  /** @param {number} id */
  remove(id) {
    this.#byId.delete(id);
  }
  takeAll() {
    const all = this.all;
    this.#byId = /* @__PURE__ */ new Map();
    return all;
  }
  /**
   * Everything that was to leave in one frame fails with its signer.
   * @param {Signer} signer
   * @param {Iterable<number>} ids
   * @param {unknown} error
   */
  fail(signer, ids, error) {
    const why = error instanceof Error ? error.message : String(error);
    for (const id of ids) {
      const asked = this.#byId.get(id);
      this.#byId.delete(id);
      asked?.settle(null, new BadSignature(`the key ${signer.id.slice(0, 8)}… could not sign: ${why}`));
    }
  }
  /** Hand on how far a request is. Throws BadFrame. @param {Record<string, any>} params */
  progress({ id, done, matched }) {
    if (![done, matched].every(Number.isInteger)) throw new BadFrame("progress without its numbers");
    const asked = this.#byId.get(id);
    if (!asked) return;
    asked.hasBegun = true;
    if (!asked.isForgotten) asked.progress(done, matched);
  }
};

// src/waiting.js
var Waiting = class {
  /** @type {Asked[]} */
  all = [];
  get size() {
    return this.all.length;
  }
  /** @param {Asked[]} asked */
  add(asked) {
    this.all.push(...asked);
  }
  /** @param {Asked[]} asked */
  addFirst(asked) {
    this.all.unshift(...asked);
  }
  /** @param {(asked: Asked) => boolean} isKept */
  keep(isKept) {
    this.all = this.all.filter(isKept);
  }
  /**
   * Take out of the line what may be said now. Long waits leave room for what is answered at once.
   * @param {number} now
   * @param {number} inflight how many may be unanswered
   * @param {Unanswered} unanswered
   * @returns {Asked[]}
   */
  takeSendable(now, inflight, unanswered) {
    const mostWaits = Math.max(1, inflight - Math.floor(inflight / 8) - 1);
    let waits = unanswered.all.filter((asked) => asked.waits).length;
    const sendable = [];
    const left = [];
    for (const asked of this.all) {
      if (asked instanceof Standing && asked.isOver(now)) {
        asked.ended("timeout");
      } else if (unanswered.size + sendable.length >= inflight || asked.waits && waits >= mostWaits) {
        left.push(asked);
      } else {
        waits += Number(asked.waits);
        sendable.push(asked);
      }
    }
    this.all = left;
    return sendable;
  }
};

// src/dialogue.js
var LOST = "connection lost";
var Dialogue = class {
  /** The broker answers what it has, and takes nothing more. */
  isDraining = false;
  #reconnectSeconds = 0;
  #waiting = new Waiting();
  #unanswered = new Unanswered();
  #standing = new Standings();
  /** A broker could not do it just now. @type {Set<Asked>} */
  #resting = /* @__PURE__ */ new Set();
  /** @type {Uint8Array | null} */
  #challenge = null;
  /** @type {Limits} */
  #limits = USUAL_LIMITS;
  #again;
  #cancelled;
  /**
   * @param {object} heard
   * @param {(asked: Asked) => void} heard.again called with what a broker cannot do now; ask it again in a while
   * @param {(processid: string, attempt: number) => void} [heard.cancelled] a process that runs here was cancelled
   */
  constructor({ again, cancelled = () => {
  } }) {
    this.#again = again;
    this.#cancelled = cancelled;
  }
  get isOpen() {
    return this.#challenge !== null;
  }
  /** Whether there is nothing to say and nothing to hear. */
  get isIdle() {
    return !(this.#waiting.size || this.#unanswered.size || this.#standing.size || this.#resting.size);
  }
  /** Whether a broker that drains has answered everything that it will answer. */
  get mayLeave() {
    return this.isDraining && this.#unanswered.size === 0;
  }
  get hasLastWords() {
    return [...this.#waiting.all, ...this.#unanswered.all, ...this.#resting].some((asked) => asked.isLastWord);
  }
  /** How long a draining broker has asked to be left alone: told once. */
  takeReconnectSeconds() {
    const seconds = this.#reconnectSeconds;
    this.#reconnectSeconds = 0;
    return seconds;
  }
  // — asking —
  /** @param {Asked} asked */
  ask(asked) {
    this.#resting.delete(asked);
    if (!asked.isForgotten) this.#waiting.add([asked]);
  }
  /**
   * Nobody waits for the answer any more. What was not said yet is not said; what comes of it is given back.
   * @param {Asked} asked
   */
  forget(asked) {
    asked.isForgotten = true;
    this.#resting.delete(asked);
    this.#waiting.keep((other) => other !== asked);
    const number = asked instanceof Standing ? this.#standing.remove(asked) : null;
    if (number !== null) this.undo(asked, { subscription: number });
  }
  /** Give back what was answered to somebody who has gone. @param {Asked} asked @param {any} result */
  undo(asked, result) {
    if (asked.method === "process.assign") {
      const params = { processid: result.processid, attempt: result.attempt };
      this.ask(new Asked("process.hand_back", params, asked.signer, { isLastWord: true }));
    } else if (asked instanceof Standing) {
      this.ask(new Asked("subscription.cancel", { subscription: result.subscription }, asked.signer));
    }
  }
  // — what is sent —
  /**
   * The signed frames that may be sent now, in this order; what is in them counts as said.
   * @param {number} now
   * @param {{ atOnce?: boolean }} [how] atOnce: sign without waiting where the signer can
   * @returns {(Uint8Array | null | Promise<Uint8Array | null>)[]} null: its signer failed, and so did its requests
   */
  frames(now, { atOnce = false } = {}) {
    if (this.#challenge === null || this.isDraining) return [];
    const batches = new Batches(this.#limits);
    for (const asked of this.#waiting.takeSendable(now, this.#limits.inflight, this.#unanswered)) {
      const id = this.#unanswered.nextId;
      const request = asked.encode(id, now);
      if (batches.add(asked.signer, id, request)) {
        this.#unanswered.add(asked);
      } else {
        const limit = this.#limits.frame;
        asked.settle(null, new TooLarge(`${asked.method} has ${request.length} bytes, a frame holds ${limit}`));
      }
    }
    const challenge = this.#challenge;
    return batches.all.map(
      ({ signer, requests }) => signedFrame(signer, challenge, [...requests.values()], {
        atOnce,
        failed: (error) => {
          this.#unanswered.fail(signer, requests.keys(), error);
          return null;
        }
      })
    );
  }
  // — what comes —
  /**
   * Take a frame of the broker. Throws BadFrame for what is none; TurnedAway when it speaks another protocol.
   * @param {Uint8Array} frame
   */
  take(frame) {
    for (const message of decodeMessages(frame)) {
      if (this.#challenge === null) this.#open(message);
      else if (message.kind === "response") this.#takeAnswer(message);
      else this.#takeNotification(message);
    }
  }
  /** @param {Response | Notification} message */
  #open(message) {
    const hello = helloOf(message);
    this.#challenge = hello.challenge.slice();
    this.#limits = hello.limits;
  }
  /** @param {Response} response */
  #takeAnswer(response) {
    const asked = this.#unanswered.get(response.id);
    if (!asked) return;
    const error = response.error === null ? null : errorOf(response.error);
    if (error === null) checkResult(asked, response.result);
    this.#unanswered.remove(response.id);
    if (error?.code === "draining") this.isDraining = true;
    if (error?.code === "draining" && (asked.mayRepeat || !asked.hasBegun)) {
      this.#keep(asked);
    } else if (error?.retry && (asked.isLastWord || asked.standsAgain)) {
      this.#resting.add(asked);
      this.#again(asked);
    } else if (!asked.isForgotten) {
      this.#settle(asked, response.result, error);
    } else if (error === null) {
      this.undo(asked, response.result);
    }
  }
  /** @param {Asked} asked @param {any} result @param {ColoniesError | null} error */
  #settle(asked, result, error) {
    if (asked instanceof Standing && error === null) this.#standing.add(asked, result.subscription);
    asked.settle(result, error);
  }
  /** @param {Notification} notification */
  #takeNotification({ name, params }) {
    if (this.#standing.push(name, params)) return;
    if (name === "ended") {
      this.#standing.end(params.subscription, String(params.reason));
    } else if (name === "progress") {
      this.#unanswered.progress(params);
    } else if (name === "cancelled") {
      this.#cancelled(params.processid, params.attempt);
    } else if (name === "draining") {
      this.isDraining = true;
      this.#reconnectSeconds = (Number(params.reconnect) || 0) / 1e3;
    }
  }
  // — when it ends —
  /** The connection is gone. What may be repeated waits for the next one, subscriptions first; the rest fails. */
  lost() {
    this.#challenge = null;
    this.isDraining = false;
    const standing = this.#standing.takeAll();
    const unanswered = this.#unanswered.takeAll();
    this.#waiting.keep((asked) => asked.method !== "subscription.cancel");
    const again = unanswered.filter((asked) => asked.mayRepeat && !asked.isForgotten);
    this.#waiting.addFirst([...standing.filter((one) => one.lasts), ...again]);
    for (const one of standing) if (!one.lasts) one.ended(LOST);
    for (const asked of unanswered) {
      if (asked.mayRepeat || asked.isForgotten) continue;
      const told2 = `the connection was lost before ${asked.method} was answered; it may or may not have happened`;
      asked.settle(null, new ConnectionLost(told2));
    }
  }
  /** Say it again, before everything else, unless nobody waits for it. @param {Asked} asked */
  #keep(asked) {
    if (!asked.isForgotten) this.#waiting.addFirst([asked]);
  }
  /**
   * Everything that was asked fails with this. What still comes of it is given back; last words stay.
   * @param {ColoniesError} error
   */
  failAll(error) {
    const all = [...this.#standing.takeAll(), ...this.#unanswered.all, ...this.#waiting.all, ...this.#resting];
    this.#waiting.keep((asked) => asked.isLastWord);
    for (const asked of all) {
      if (asked.isForgotten || asked.isLastWord) continue;
      asked.isForgotten = true;
      asked.settle(null, error);
    }
  }
};
function checkResult(asked, result) {
  const { needs } = asked;
  if (needs && !(isMap2(result) && needs in result)) throw new BadFrame(`an answer to ${asked.method} without ${needs}`);
}

// src/held.js
var MAX_HELD = 1024;
var Held = class {
  /** @type {Map<string, HeldProcess>} */
  #processes = /* @__PURE__ */ new Map();
  /**
   * Learn from an answer what is held now.
   * @param {Asked} asked
   * @param {any} result
   * @param {boolean} isRefused
   */
  heed(asked, result, isRefused) {
    if (asked.method === "process.assign" && !isRefused) {
      this.#take({ processid: result.processid, attempt: result.attempt, signer: asked.signer });
    } else if (["process.close", "process.hand_back"].includes(asked.method)) {
      this.letGo(String(asked.params.processid));
    } else if (!isRefused && isFinal(result?.state)) {
      this.letGo(result.processid);
    }
  }
  /** @param {HeldProcess} process */
  #take(process) {
    this.#processes.set(process.processid, process);
    if (this.#processes.size > MAX_HELD) this.letGo(this.#processes.keys().next().value ?? "");
  }
  /** @param {string} processid */
  letGo(processid) {
    this.#processes.delete(processid);
  }
  /** Everything that is held; afterwards nothing is. */
  takeAll() {
    const all = [...this.#processes.values()];
    this.#processes.clear();
    return all;
  }
};

// src/talk.js
var Talk = class {
  #said = false;
  #dialogue;
  #changed;
  #isOver;
  #stepSeconds;
  /**
   * @param {Line} line
   * @param {Dialogue} dialogue
   * @param {Bell} changed rung when there may be something to say
   * @param {object} options
   * @param {() => boolean} options.isOver whether the client was closed
   * @param {number} options.stepSeconds the limit for each step of connecting
   */
  constructor(line, dialogue, changed, { isOver, stepSeconds }) {
    this.line = line;
    this.#dialogue = dialogue;
    this.#changed = changed;
    this.#isOver = isOver;
    this.#stepSeconds = stepSeconds;
  }
  /**
   * Shake hands, then read and write until the line ends. Throws an Error in words when no broker answered.
   * @returns {Promise<Ending>}
   */
  async run() {
    const { line } = this;
    await line.opened(this.#stepSeconds);
    let isTooLate = false;
    const unsaid = setTimeout(() => {
      isTooLate = !this.#dialogue.isOpen;
      if (isTooLate) line.drop();
    }, this.#stepSeconds * 1e3);
    void this.#write().catch((bug) => line.fail(bug));
    const ending = await line.ended;
    clearTimeout(unsaid);
    this.#changed.ring();
    if (isTooLate) throw new Error("no answer in time");
    return ending;
  }
  async #write() {
    while (!this.line.isOver) {
      const frames = await this.#sendAll();
      if (frames.includes(null)) continue;
      if (this.#mayLeave()) return this.line.leave();
      await this.#changed.wait();
    }
  }
  async #sendAll() {
    const frames = [];
    for (const signing of this.#dialogue.frames(steadySeconds())) {
      const frame = await signing;
      if (frame) this.line.send(frame);
      frames.push(frame);
      this.#said = true;
    }
    return frames;
  }
  #mayLeave() {
    if (!this.#dialogue.isOpen) return false;
    if (this.#isOver()) return !this.#dialogue.hasLastWords;
    return this.#dialogue.mayLeave || !this.#said && this.#dialogue.isIdle;
  }
  /** Say what there is to say and leave: before this returns, where the signers can sign at once. */
  leave() {
    const frames = this.#dialogue.frames(steadySeconds(), { atOnce: true });
    const sendAndLeave = (signed) => {
      for (const frame of signed) if (frame) this.line.send(frame);
      this.line.drop();
    };
    if (frames.some((frame) => frame instanceof Promise)) void Promise.all(frames).then(sendAndLeave);
    else sendAndLeave(
      /** @type {(Uint8Array | null)[]} */
      frames
    );
  }
};

// src/trouble.js
var TURNED_AWAY = {
  [CloseCode.BAD_FRAME]: "it could not read what this client sent; use the client's version for this broker",
  [CloseCode.BAD_SIGNATURE]: "a signature did not hold; is the signer the one of its id?",
  [CloseCode.REPLAYED]: "a request came twice",
  [CloseCode.TOO_LARGE]: "a frame was larger than it takes",
  [CloseCode.NO_HELLO_ANSWERED]: "nothing signed came in time",
  [CloseCode.REFUSED]: "it does not let this client in"
};
function unreachable(addresses, trouble) {
  const why = trouble ? `: ${trouble}` : "";
  return new Unreachable(`no broker answers at ${addresses.join(" or ")}${why}; is it running?`);
}
function turnedAway(closeCode, reason) {
  const known = TURNED_AWAY[closeCode] ?? `close code ${closeCode}`;
  const said = reason ? ` (${reason})` : "";
  return new TurnedAway(`the broker closed the connection for good: ${known}${said}`, { close_code: closeCode });
}

// src/socket_browser.js
function newSocket(address, subprotocol) {
  return new WebSocket(address, [subprotocol]);
}

// src/websocket.js
var LEAVE_SECONDS = 1;
var NOBODY_SAID_WHY = { code: 1006, reason: "" };
var Line = class {
  #socket;
  #take;
  /** @type {(ending: Ending) => void} */
  #end = () => {
  };
  isOver = false;
  /**
   * @param {WebSocket} socket
   * @param {(frame: Uint8Array) => void} take called with each frame; what it throws ends the line
   */
  constructor(socket, take) {
    this.#socket = socket;
    this.#take = take;
    this.refused = null;
    this.ended = new Promise((resolve) => this.#end = resolve);
    socket.addEventListener("message", (message) => this.#hear(message.data));
    socket.addEventListener("close", ({ code, reason }) => this.#over({ code, reason }));
    socket.addEventListener("error", () => {
    });
  }
  /**
   * Wait until hands are shaken. Throws an Error whose message says what went wrong, in a few words.
   * @param {number} seconds the limit for all of it
   */
  async opened(seconds) {
    let timer;
    try {
      await new Promise((resolve, reject) => {
        timer = setTimeout(() => reject(new Error("no answer in time")), seconds * 1e3);
        this.#socket.addEventListener("open", resolve);
        this.#socket.addEventListener("error", (event) => reject(new Error(inWords(event))));
        void this.ended.then(() => reject(new Error("it hung up")));
      });
    } catch (error) {
      this.drop();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
  /** @param {Uint8Array} frame */
  send(frame) {
    if (!this.isOver) this.#socket.send(
      /** @type {any} */
      frame
    );
  }
  /** Say good-bye, and hear what the other side says before it has heard that; then be over, at the latest soon. */
  leave() {
    this.#socket.close(1e3);
    const late = setTimeout(() => this.drop(), LEAVE_SECONDS * 1e3);
    void this.ended.then(() => clearTimeout(late));
  }
  /** Say good-bye, where it is not too late for that, and be over. */
  drop() {
    this.#over(NOBODY_SAID_WHY);
    this.#socket.close(1e3);
  }
  /** @param {unknown} raw */
  #hear(raw) {
    if (this.isOver) return;
    try {
      if (!(raw instanceof ArrayBuffer)) throw new BadFrame("a text frame");
      this.#take(new Uint8Array(raw));
    } catch (error) {
      this.fail(error);
    }
  }
  /** Be over because of this. @param {unknown} error */
  fail(error) {
    this.refused = error;
    this.drop();
  }
  /** @param {Ending} ending */
  #over(ending) {
    this.isOver = true;
    this.#end(ending);
  }
};
function newLine(address, take) {
  const socket = newSocket(address, SUBPROTOCOL);
  socket.binaryType = "arraybuffer";
  return new Line(socket, take);
}
function inWords(event) {
  const status = /server response: (\d+)/.exec(event.message ?? "");
  const answered = ["502", "503", "504"].includes(status?.[1] ?? "") ? "a balancer answers there, and no broker behind it is ready" : "what answers there is no broker";
  if (status) return `${answered} (HTTP ${status[1]})`;
  const known = { ECONNREFUSED: "connection refused", ENOTFOUND: "nobody knows a host of this name" };
  return known[event.error?.code ?? ""] ?? (event.message || "no connection could be made");
}

// src/meetings.js
var Meetings = class {
  /** The one that is on. @type {Talk | null} */
  talk = null;
  #attempts;
  #status;
  #dialogue;
  #changed;
  #how;
  /**
   * @param {object} between
   * @param {Attempts} between.attempts
   * @param {Status} between.status
   * @param {Dialogue} between.dialogue
   * @param {Bell} between.changed rung when there may be something to say
   * @param {object} how
   * @param {() => void} how.heard called after each frame that came
   * @param {() => boolean} how.isOver whether the client was closed
   * @param {number} how.stepSeconds the limit for each step of connecting
   */
  constructor({ attempts, status, dialogue, changed }, how) {
    this.#attempts = attempts;
    this.#status = status;
    this.#dialogue = dialogue;
    this.#changed = changed;
    this.#how = how;
  }
  /** Connect and talk until the socket ends. Throws TurnedAway when there must not be another. */
  async next() {
    if (this.#status.state !== "waiting") this.#status.turnTo("connecting");
    let ending;
    try {
      const line2 = newLine(this.#attempts.begin(), (frame) => this.#take(frame));
      this.talk = new Talk(line2, this.#dialogue, this.#changed, this.#how);
      ending = await this.talk.run();
    } catch (error) {
      this.talk = null;
      this.#status.turnTo("waiting", error instanceof Error ? error.message : String(error));
      return;
    }
    const { line } = this.talk;
    this.talk = null;
    this.#dialogue.lost();
    this.#heed(line, ending);
  }
  /** @param {Uint8Array} frame */
  #take(frame) {
    const isFirst = !this.#dialogue.isOpen;
    this.#dialogue.take(frame);
    this.#how.heard();
    if (isFirst) this.#attempts.hasAnswered = true;
    else this.#attempts.succeed();
    this.#status.turnTo("open");
  }
  /** @param {Line} line @param {Ending} ending */
  #heed(line, { code, reason }) {
    if (line.refused && !(line.refused instanceof BadFrame)) throw line.refused;
    if (!mayComeBack(code)) throw turnedAway(code, reason);
    if (code === CloseCode.OVERLOADED) this.#attempts.unsucceed();
    if (this.#how.isOver()) return;
    const refused = line.refused instanceof BadFrame ? `what answers there is no broker: ${line.refused.message}` : "";
    this.#status.turnTo("waiting", refused || reason || "the connection was lost");
  }
};

// src/page.js
function followPage(connection) {
  const document = globalThis.document;
  const listening = new AbortController();
  const on = (target, name, act) => target?.addEventListener?.(name, act, { signal: listening.signal });
  const checkIfVisible = () => {
    if (document.visibilityState === "visible") connection.check();
  };
  on(document, "visibilitychange", checkIfVisible);
  on(document, "resume", () => connection.check());
  on(globalThis, "online", () => connection.check());
  on(globalThis, "offline", () => connection.check());
  if (document) {
    on(globalThis, "pagehide", () => connection.goAway());
    on(globalThis, "pageshow", () => connection.comeBack());
  }
  return () => listening.abort();
}

// src/status.js
var Status = class {
  /** @type {ConnectionState} */
  state = "idle";
  /** Why it is not open, in words; empty when it is, or when nobody knows. */
  trouble = "";
  /** Called whenever either has changed. @type {Set<() => void>} */
  listeners = /* @__PURE__ */ new Set();
  /**
   * @param {ConnectionState} state
   * @param {string} [trouble]
   */
  turnTo(state, trouble = "") {
    if (this.state === state && this.trouble === trouble) return;
    this.state = state;
    this.trouble = trouble;
    for (const listener of [...this.listeners]) listener();
  }
};

// src/watchman.js
var SILENCE_SECONDS = 60;
var SIGN_OF_LIFE_SECONDS = 5;
var Watchman = class {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #silence;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #waiting;
  #watched;
  /** @param {Watched} watched */
  constructor(watched) {
    this.#watched = watched;
  }
  heard() {
    this.leave();
    this.#silence = setTimeout(() => this.#doubt(), SILENCE_SECONDS * 1e3);
    unref(this.#silence);
  }
  #doubt() {
    if (!this.#watched.isOpen) return;
    if (this.#watched.isRelyingOnIt) this.check();
    else this.heard();
  }
  check() {
    if (this.#waiting || !this.#watched.askForALifeSign()) return;
    this.#waiting = setTimeout(() => {
      this.#waiting = void 0;
      this.#watched.distrust();
    }, SIGN_OF_LIFE_SECONDS * 1e3);
    unref(this.#waiting);
  }
  leave() {
    clearTimeout(this.#silence);
    clearTimeout(this.#waiting);
    this.#waiting = void 0;
  }
};
function unref(timer) {
  if (typeof timer === "object" && timer && "unref" in timer && typeof timer.unref === "function") timer.unref();
}

// src/connection.js
var LAST_WORDS_SECONDS = 5;
var Connection = class {
  status = new Status();
  /** Told when a process that runs is cancelled. @type {Set<(processid: string, attempt: number) => void>} */
  cancelledListeners = /* @__PURE__ */ new Set();
  /** Told before it closes, while last words can still be said. @type {Set<() => void>} */
  closingListeners = /* @__PURE__ */ new Set();
  #attempts;
  #dialogue;
  #meetings;
  #held = new Held();
  #watchman = new Watchman(this);
  #changed = new Bell();
  #hurry = new Bell();
  /** @type {Promise<void> | null} */
  #running = null;
  /** @type {ColoniesError | null} */
  #over = null;
  #unfollow = () => {
  };
  #isTooLate = false;
  // for last words
  #isAway = false;
  // the page is hidden for good, or until it is shown again
  /** @type {Signer | null} */
  #lastSigner = null;
  /**
   * @param {string[]} addresses of WebSockets
   * @param {object} options
   * @param {number} options.connectSeconds how long a request waits for a first broker
   * @param {number} [options.stepSeconds] the limit for a handshake, and for the hello
   */
  constructor(addresses, { connectSeconds, stepSeconds = 10 }) {
    this.#attempts = new Attempts(addresses, connectSeconds);
    this.#dialogue = new Dialogue({
      again: (asked) => setTimeout(() => this.#say(asked), fullJitter(5) * 1e3),
      cancelled: (processid, attempt) => this.#tellCancelled(processid, attempt)
    });
    const between = { attempts: this.#attempts, status: this.status, dialogue: this.#dialogue, changed: this.#changed };
    const how = { heard: () => this.#hear(), isOver: () => this.#over !== null, stepSeconds };
    this.#meetings = new Meetings(between, how);
  }
  // — asking —
  /**
   * Ask now, without waiting: what is asked in one turn of the event loop leaves together. Then await its `wait`.
   * @param {string} method
   * @param {Record<string, unknown>} params
   * @param {Signer} signer
   * @param {number} seconds how long to wait for the answer, and for each sign of one that takes long
   * @param {Progress} [progress] called with how far it is
   */
  ask(method, params, signer, seconds, progress) {
    const answer = new Answer(this, seconds, progress);
    answer.asked = new Asked(method, params, signer, {
      progress: (done, matched) => answer.progress(done, matched),
      settle: (result, error) => {
        if (!error?.retry) this.#held.heed(answer.asked, result, error !== null);
        answer.settle(result, error);
      }
    });
    this.say(answer.asked);
    return answer;
  }
  /** @param {Asked} asked */
  say(asked) {
    if (this.#over && !(asked.isLastWord && this.#running)) throw this.#over;
    this.#lastSigner = asked.signer;
    this.#say(asked);
    if (this.#running) return;
    this.#unfollow = followPage(this);
    this.#running = this.#run();
  }
  /** @param {Asked} asked */
  #say(asked) {
    this.#dialogue.ask(asked);
    this.#changed.ringSoon();
  }
  /** @param {Asked} asked */
  forget(asked) {
    this.#dialogue.forget(asked);
    this.#changed.ringSoon();
  }
  /** Whether a broker has ever answered. */
  get hasAnswered() {
    return this.#attempts.hasAnswered;
  }
  get connectSeconds() {
    return this.#attempts.connectSeconds;
  }
  get isOpen() {
    return this.#dialogue.isOpen;
  }
  unreachable() {
    return unreachable(this.#attempts.addresses, this.status.trouble);
  }
  /** @param {string} processid @param {number} attempt */
  #tellCancelled(processid, attempt) {
    this.#held.letGo(processid);
    for (const listener of [...this.cancelledListeners]) listener(processid, attempt);
  }
  // — its life —
  async #run() {
    try {
      while (!await this.#isDone()) {
        await this.#hurry.wait(this.#attempts.pause(this.#dialogue.takeReconnectSeconds()));
        if (!this.#isAway && !this.#isTooLate) await this.#meetings.next();
      }
    } catch (error) {
      if (error instanceof TurnedAway) return this.#end(error);
      console.error("the connection met a bug of this client", error);
      this.#end(new Closed(`this client met a bug of its own and is closed: ${error}`));
    }
  }
  #hear() {
    this.#watchman.heard();
    this.#changed.ringSoon();
  }
  /** @param {ColoniesError} error */
  #end(error) {
    this.#over ??= error;
    this.#dialogue.failAll(error);
    this.#dialogue.lost();
    this.#watchman.leave();
    this.#unfollow();
    this.status.turnTo("closed", error.message);
  }
  /** Wait until there is something to say. Whether there will never be any more. */
  async #isDone() {
    while (this.#isAway || !this.#over && this.#dialogue.isIdle) {
      this.status.turnTo("idle");
      await this.#changed.wait();
      this.#attempts.failures = 0;
    }
    return this.#over !== null && (this.#isTooLate || !this.#dialogue.hasLastWords);
  }
  // — what a page knows of the world —
  /** Doubt the connection: ask the broker, and leave the socket if it does not answer. With none, try now. */
  check() {
    if (this.#meetings.talk && this.#dialogue.isOpen) this.#watchman.check();
    else if (this.#running) this.#hurry.ring();
  }
  /** A question that costs a broker next to nothing. False when there is nobody to ask or to sign it. */
  askForALifeSign() {
    if (!this.#lastSigner || !this.isOpen || this.#over) return false;
    this.#say(new Asked("server.info", {}, this.#lastSigner));
    return true;
  }
  /** Whether somebody relies on hearing from the broker. */
  get isRelyingOnIt() {
    return this.isOpen && !this.#dialogue.isIdle;
  }
  /** Leave the socket, and come back by another. */
  distrust() {
    this.#meetings.talk?.line.drop();
  }
  /**
   * The page goes, perhaps for good: hand back what it holds, leave every line, and stay away until `comeBack`.
   * What a signer can sign at once is said before this returns.
   */
  goAway() {
    this.#isAway = true;
    for (const { processid, attempt, signer } of this.#held.takeAll()) {
      this.#dialogue.ask(new Asked("process.hand_back", { processid, attempt }, signer, { isLastWord: true }));
      this.#tellCancelled(processid, attempt);
    }
    this.#meetings.talk?.leave();
  }
  comeBack() {
    this.#isAway = false;
    this.#changed.ring();
    this.check();
  }
  // — its end —
  /** End everything and leave nothing behind; what was assigned to nobody is handed back first. */
  async close() {
    if (!this.#over) for (const listener of [...this.closingListeners]) listener();
    this.#over ??= new Closed("the client was closed");
    this.#isAway = false;
    this.#dialogue.failAll(this.#over);
    this.#changed.ring();
    this.#hurry.ring();
    const isWorthWaiting = this.#dialogue.isOpen || this.#dialogue.hasLastWords;
    const late = setTimeout(() => this.#saveWords(), isWorthWaiting ? LAST_WORDS_SECONDS * 1e3 : 0);
    await this.#running;
    clearTimeout(late);
    this.#end(this.#over);
  }
  /** Nobody heard the last ones: what they were about is left to its deadline. */
  #saveWords() {
    this.#isTooLate = true;
    this.#meetings.talk?.line.drop();
    this.#hurry.ring();
  }
};

// src/following.js
var MAX_UNREAD = 8192;
var LAST_EVENT_SECONDS = 1;
var Following = class {
  /** How many events were passed over because nobody read them. */
  missed = 0;
  #connection;
  #method;
  #params;
  #signer;
  #options;
  /** @type {Standing | null} */
  #standing = null;
  /** @type {T[]} */
  #unread = [];
  #changed = new Bell();
  /** @type {unknown} */
  #ended = null;
  #isClosed = false;
  /** @type {Promise<void> | null} */
  #made = null;
  #sayMade = () => {
  };
  /** @type {(error: unknown) => void} */
  #sayUnmade = () => {
  };
  /**
   * @param {Connection} connection
   * @param {string} method
   * @param {Record<string, unknown>} params
   * @param {Signer} signer
   * @param {FollowingOptions} options
   */
  constructor(connection, method, params, signer, options) {
    this.#connection = connection;
    this.#method = method;
    this.#params = params;
    this.#signer = signer;
    this.#options = options;
  }
  // — making and ending it —
  /** Resolves once a broker has made it. Throws Unreachable, NoAnswer, or why it was refused. @returns {Promise<void>} */
  get made() {
    return this.#waitMade();
  }
  async #waitMade() {
    const made = this.#make();
    const { patience } = this.#options;
    const { hasAnswered, connectSeconds } = this.#connection;
    const noBroker = hasAnswered ? void 0 : inSeconds(connectSeconds, () => this.#unlessReachable());
    const told2 = `${this.#method} was not answered within ${patience} s; subscribe again`;
    const late = inSeconds(patience, () => this.#letGo(new NoAnswer(told2)));
    try {
      await made;
    } finally {
      clearTimeout(noBroker);
      clearTimeout(late);
    }
  }
  #unlessReachable() {
    if (!this.#connection.hasAnswered) this.#letGo(this.#connection.unreachable());
  }
  /** End it, here and at the broker. Whoever iterates over it comes to the end. */
  close() {
    this.#isClosed = true;
    this.#letGo(new SubscriptionEnded("cancelled"));
  }
  /** @param {unknown} error */
  #letGo(error) {
    this.#end(error);
    if (this.#standing) this.#connection.forget(this.#standing);
  }
  #make() {
    if (this.#made) return this.#made;
    this.#made = new Promise((resolve, reject) => {
      this.#sayMade = resolve;
      this.#sayUnmade = reject;
    });
    this.#made.catch(() => {
    });
    if (this.#ended !== null) this.#sayUnmade(this.#ended);
    else if (this.#options.signal?.aborted) this.#abort();
    else this.#ask();
    return this.#made;
  }
  #abort = () => this.#letGo(this.#options.signal?.reason);
  #ask() {
    this.#options.signal?.addEventListener("abort", this.#abort);
    try {
      this.#standing = this.#newStanding();
      this.#connection.say(this.#standing);
    } catch (error) {
      this.#end(error);
    }
  }
  #newStanding() {
    const { seconds, lasts } = this.#options;
    return new Standing(this.#method, this.#params, this.#signer, {
      push: (value) => this.#push(value),
      ended: (reason) => this.#end(new SubscriptionEnded(reason)),
      until: seconds > 0 ? steadySeconds() + seconds : null,
      lasts,
      settle: (_result, error) => error ? this.#end(error) : this.#begin()
    });
  }
  #begin() {
    const { first } = this.#options;
    if (first !== void 0) this.#push(first);
    this.#sayMade();
  }
  // — what the connection says —
  /** @param {T} value */
  #push(value) {
    if (this.#options.newestOnly) {
      this.#unread = [];
    } else if (this.#unread.length >= MAX_UNREAD) {
      this.#unread.shift();
      this.missed += 1;
    }
    this.#unread.push(value);
    this.#changed.ring();
  }
  /** @param {unknown} error */
  #end(error) {
    this.#ended ??= error;
    this.#options.signal?.removeEventListener("abort", this.#abort);
    this.#changed.ring();
    this.#sayUnmade(error);
  }
  // — reading —
  /**
   * Wait for the next event. Throws SubscriptionEnded when it is over, or why it was refused.
   * @returns {Promise<T>}
   */
  async nextEvent() {
    if (this.#ended === null) this.#make();
    for (; ; ) {
      const event = this.#unread.shift();
      if (event !== void 0) return event;
      if (this.#ended !== null) throw this.#ended;
      await this.#waitChanged();
    }
  }
  async #waitChanged() {
    const until = this.#standing?.until;
    const seconds = until ? Math.max(0, until - steadySeconds()) + LAST_EVENT_SECONDS : Infinity;
    if (!await this.#changed.wait(seconds) && seconds !== Infinity) this.#letGo(new SubscriptionEnded("timeout"));
  }
  /**
   * Events until the time is up or it, or the client, is closed. Throws why it ended otherwise.
   * @returns {AsyncGenerator<T, void, void>}
   */
  async *events() {
    try {
      for (let event; (event = await this.#nextOrNull()) !== null; ) yield event;
    } finally {
      this.close();
    }
  }
  async #nextOrNull() {
    try {
      return await this.nextEvent();
    } catch (error) {
      if (error instanceof Closed) return null;
      if (error instanceof SubscriptionEnded && (error.reason === "timeout" || this.#isClosed)) return null;
      throw error;
    }
  }
};

// src/subscription.js
var Subscription = class extends Following {
  /** @returns {AsyncGenerator<Process, void, void>} */
  async *[Symbol.asyncIterator]() {
    for await (const { process } of this.events()) yield process;
  }
};
var Feed = class extends Following {
  [Symbol.asyncIterator]() {
    return this.events();
  }
};

// node_modules/@noble/ed25519/index.js
var freeze = Object.freeze;
var P = 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffedn;
var N = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;
var _d = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n;
var Gx = 0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51an;
var Gy = 0x6666666666666666666666666666666666666666666666666666666666666658n;
var _a = P - 1n;
var ed25519_CURVE = freeze({
  p: P,
  n: N,
  h: 8n,
  a: _a,
  d: _d,
  Gx,
  Gy
});
var LEN = 32;
var isBytes = (a) => {
  return a instanceof Uint8Array || ArrayBuffer.isView(a) && a.constructor.name === "Uint8Array" && a.BYTES_PER_ELEMENT === 1;
};
var abytes = (value, length, title = "") => {
  if (isBytes(value) && (length === void 0 || value.length === length))
    return value;
  const bytes = isBytes(value);
  const ofLen = length !== void 0 ? ` of length ${length}` : "";
  const got = bytes ? `length=${value.length}` : `type=${typeof value}`;
  const message = (title ? `"${title}" ` : "") + "expected Uint8Array" + ofLen + ", got " + got;
  if (!bytes)
    throw new TypeError(message);
  throw new RangeError(message);
};
var snapshotBytes = (value, title = "", length) => Uint8Array.from(abytes(value, length, title));
var padh = (n, pad) => n.toString(16).padStart(pad, "0");
var bytesToHex = (bytes) => {
  let hex = "";
  for (const byte of abytes(bytes))
    hex += padh(byte, 2);
  return hex;
};
var hexToBytes = (hex) => {
  const e = "hex invalid";
  if (typeof hex !== "string")
    throw new TypeError(e);
  if (hex.length % 2 || !/^[\da-f]*$/i.test(hex))
    throw new RangeError(e);
  const array = new Uint8Array(hex.length / 2);
  for (let ai = 0, hi = 0; ai < array.length; ai++, hi += 2) {
    const n1 = hex.charCodeAt(hi);
    const n2 = hex.charCodeAt(hi + 1);
    array[ai] = ((n1 & 15) + (n1 >> 6) * 9) * 16 + (n2 & 15) + (n2 >> 6) * 9;
  }
  return array;
};
var concatBytes = (...arrays) => {
  let sum = 0;
  for (const a of arrays)
    sum += abytes(a).length;
  const res = new Uint8Array(sum);
  let pad = 0;
  for (const a of arrays) {
    res.set(a, pad);
    pad += a.length;
  }
  return res;
};
var randomBytes = (len = LEN) => {
  const c = globalThis?.crypto;
  if (typeof c?.getRandomValues !== "function")
    throw new Error("crypto.getRandomValues must be defined, consider polyfill");
  return c.getRandomValues(new Uint8Array(len));
};
var arange = (n, min, max, msg = "bad number: out of range") => {
  if (typeof n !== "bigint")
    throw new TypeError(msg);
  if (min <= n && n < max)
    return n;
  throw new RangeError(msg);
};
var mod = (a, b = P) => (a %= b) >= 0n ? a : b + a;
var P_MASK = (1n << 255n) - 1n;
var modP = (num) => {
  if (num < 0n)
    throw new RangeError("negative coordinate");
  let r = (num >> 255n) * 19n + (num & P_MASK);
  r = (r >> 255n) * 19n + (r & P_MASK);
  return r % P;
};
var modN = (a) => mod(a, N);
var invert = (number, modulo) => {
  if (number === 0n)
    throw new Error("invert: expected non-zero number");
  if (modulo <= 1n)
    throw new Error("invert: expected modulus > 1, got " + modulo);
  let a = mod(number, modulo);
  let b = modulo;
  let x = 0n, u = 1n;
  while (a !== 0n) {
    const q = b / a;
    const r = b - a * q;
    const m = x - u * q;
    b = a, a = r, x = u, u = m;
  }
  const gcd = b;
  if (gcd !== 1n)
    throw new Error("invert: does not exist");
  return mod(x, modulo);
};
var _hash = (name) => {
  const fn = hashes[name];
  if (typeof fn !== "function")
    throw new Error("hashes." + name + " not set");
  return fn;
};
var callHash = (name, ...m) => abytes(_hash(name)(concatBytes(...m)), 64, "digest");
var callHashAsync = async (name, ...m) => abytes(await _hash(name)(concatBytes(...m)), 64, "digest");
var apoint = (p) => {
  if (p instanceof Point)
    return p;
  throw new TypeError("Point expected");
};
var B256 = 2n ** 256n;
var Point = class _Point {
  static BASE;
  static ZERO;
  X;
  Y;
  Z;
  T;
  // Constructor only bounds-checks and freezes XYZT coordinates; it does not prove the point is
  // on-curve or that T matches X*Y/Z.
  constructor(X, Y, Z, T) {
    const max = B256;
    this.X = arange(X, 0n, max);
    this.Y = arange(Y, 0n, max);
    this.Z = arange(Z, 1n, max);
    this.T = arange(T, 0n, max);
    freeze(this);
  }
  static CURVE() {
    return ed25519_CURVE;
  }
  static fromAffine(p) {
    return new _Point(p.x, p.y, 1n, modP(p.x * p.y));
  }
  /** RFC8032 5.1.3: Uint8Array to Point. */
  static fromBytes(bytes, zip215 = false) {
    const normed = snapshotBytes(bytes, "point", LEN);
    const lastByte = normed[31];
    normed[31] = lastByte & ~128;
    const y = bytesToNumberLE(normed);
    if (!zip215)
      arange(y, 0n, P);
    const y2 = modP(y * y);
    const u = mod(y2 - 1n);
    const v = modP(_d * y2 + 1n);
    let { isValid, value: x } = uvRatio(u, v);
    if (!isValid)
      throw new Error("bad point: y not sqrt");
    const isLastByteOdd = !!(lastByte & 128);
    if (!zip215 && x === 0n && isLastByteOdd)
      throw new Error("bad point: x==0, isLastByteOdd");
    if (isLastByteOdd !== !!(x & 1n))
      x = mod(-x);
    return new _Point(x, y, 1n, modP(x * y));
  }
  static fromHex(hex, zip215) {
    return _Point.fromBytes(hexToBytes(hex), zip215);
  }
  get x() {
    return this.toAffine().x;
  }
  get y() {
    return this.toAffine().y;
  }
  /** Checks if the point is valid and on-curve. */
  assertValidity() {
    const a = _a;
    const d = _d;
    const p = this;
    if (p.is0())
      throw new Error("bad point: ZERO");
    const { X, Y, Z, T } = p;
    const X2 = modP(X * X);
    const Y2 = modP(Y * Y);
    const Z2 = modP(Z * Z);
    const Z4 = modP(Z2 * Z2);
    const aX2 = modP(X2 * a);
    const left = modP(Z2 * (aX2 + Y2));
    const right = mod(Z4 + modP(d * modP(X2 * Y2)));
    if (left !== right)
      throw new Error("bad point: equation left != right (1)");
    const XY = modP(X * Y);
    const ZT = modP(Z * T);
    if (XY !== ZT)
      throw new Error("bad point: equation left != right (2)");
    return this;
  }
  /** Equality check: compare points P&Q. */
  equals(other) {
    const { X: X1, Y: Y1, Z: Z1 } = this;
    const { X: X2, Y: Y2, Z: Z2 } = apoint(other);
    return modP(X1 * Z2) === modP(X2 * Z1) && modP(Y1 * Z2) === modP(Y2 * Z1);
  }
  is0() {
    return this.equals(I);
  }
  /** Flip point over y coordinate. */
  negate() {
    return new _Point(mod(-this.X), this.Y, this.Z, mod(-this.T));
  }
  /** Point doubling. Complete formula. Cost: `4M + 4S + 1*a + 6add + 1*2`. */
  double() {
    const { X: X1, Y: Y1, Z: Z1 } = this;
    const a = _a;
    const A = modP(X1 * X1);
    const B = modP(Y1 * Y1);
    const C = modP(2n * Z1 * Z1);
    const D = modP(a * A);
    const x1y1 = mod(X1 + Y1);
    const E = mod(modP(x1y1 * x1y1) - A - B);
    const G2 = mod(D + B);
    const F = mod(G2 - C);
    const H = mod(D - B);
    const X3 = modP(E * F);
    const Y3 = modP(G2 * H);
    const T3 = modP(E * H);
    const Z3 = modP(F * G2);
    return new _Point(X3, Y3, Z3, T3);
  }
  /** Point addition. Complete formula. Cost: `9M + 1*a + 1*d + 7add`. */
  add(other) {
    const { X: X1, Y: Y1, Z: Z1, T: T1 } = this;
    const { X: X2, Y: Y2, Z: Z2, T: T2 } = apoint(other);
    const a = _a;
    const d = _d;
    const A = modP(X1 * X2);
    const B = modP(Y1 * Y2);
    const C = modP(modP(T1 * d) * T2);
    const D = modP(Z1 * Z2);
    const E = mod(modP(mod(X1 + Y1) * mod(X2 + Y2)) - A - B);
    const F = mod(D - C);
    const G2 = mod(D + C);
    const H = mod(B - modP(a * A));
    const X3 = modP(E * F);
    const Y3 = modP(G2 * H);
    const T3 = modP(E * H);
    const Z3 = modP(F * G2);
    return new _Point(X3, Y3, Z3, T3);
  }
  subtract(other) {
    return this.add(apoint(other).negate());
  }
  /**
   * Point-by-scalar multiplication. Safe mode requires `1 <= n < CURVE.n`.
   * Unsafe mode additionally permits `n = 0` and returns the identity point for that case.
   * Uses {@link wNAF} for base point.
   * Uses fake point to mitigate side-channel leakage.
   * @param n - scalar by which point is multiplied
   * @param safe - safe mode guards against timing attacks; unsafe mode is faster
   */
  multiply(n, safe = true) {
    if (!safe && n === 0n)
      return I;
    arange(n, 1n, N);
    if (!safe && this.is0())
      return I;
    if (n === 1n)
      return this;
    if (this.equals(G))
      return wNAF(n).p;
    let p = I;
    let f = G;
    let d = this;
    for (let i = 0; safe ? i < 256 : n > 0n; i++) {
      if (n & 1n)
        p = p.add(d);
      else if (safe)
        f = f.add(d);
      d = d.double();
      n >>= 1n;
    }
    return p;
  }
  multiplyUnsafe(scalar) {
    return this.multiply(scalar, false);
  }
  /** Convert point to 2d xy affine point. (X, Y, Z) ∋ (x=X/Z, y=Y/Z) */
  toAffine() {
    const { X, Y, Z } = this;
    if (this.equals(I))
      return { x: 0n, y: 1n };
    const iz = invert(Z, P);
    if (modP(Z * iz) !== 1n)
      throw new Error("invalid inverse");
    return { x: modP(X * iz), y: modP(Y * iz) };
  }
  toBytes() {
    const { x, y } = this.toAffine();
    const b = numTo32bLE(y);
    b[31] |= x & 1n ? 128 : 0;
    return b;
  }
  toHex() {
    return bytesToHex(this.toBytes());
  }
  clearCofactor() {
    return this.multiply(8n, false);
  }
  isSmallOrder() {
    return this.clearCofactor().is0();
  }
  isTorsionFree() {
    return this.multiply(N / 2n, false).double().add(this).is0();
  }
};
var G = new Point(Gx, Gy, 1n, mod(Gx * Gy));
var I = new Point(0n, 1n, 1n, 0n);
Point.BASE = G;
Point.ZERO = I;
var numTo32bLE = (num) => hexToBytes(padh(arange(num, 0n, B256), 64)).reverse();
var bytesToNumberLE = (b) => BigInt("0x" + bytesToHex(Uint8Array.from(abytes(b)).reverse()));
var pow2 = (x, power) => {
  let r = x;
  while (power-- > 0) {
    r = modP(r * r);
  }
  return r;
};
var pow_2_252_3 = (x) => {
  const x2 = modP(x * x);
  const b2 = modP(x2 * x);
  const b4 = modP(pow2(b2, 2) * b2);
  const b5 = modP(pow2(b4, 1) * x);
  const b10 = modP(pow2(b5, 5) * b5);
  const b20 = modP(pow2(b10, 10) * b10);
  const b40 = modP(pow2(b20, 20) * b20);
  const b80 = modP(pow2(b40, 40) * b40);
  const b160 = modP(pow2(b80, 80) * b80);
  const b240 = modP(pow2(b160, 80) * b80);
  const b250 = modP(pow2(b240, 10) * b10);
  return modP(pow2(b250, 2) * x);
};
var RM1 = 0x2b8324804fc1df0b2b4d00993dfbd7a72f431806ad2fe478c4ee1b274a0ea0b0n;
var uvRatio = (u, v) => {
  const v3 = modP(v * modP(v * v));
  const v7 = modP(modP(v3 * v3) * v);
  const pow = pow_2_252_3(modP(u * v7));
  let x = modP(u * modP(v3 * pow));
  const vx2 = modP(v * modP(x * x));
  const root1 = x;
  const root2 = modP(x * RM1);
  const useRoot1 = vx2 === u;
  const useRoot2 = vx2 === mod(-u);
  const noRoot = vx2 === mod(-u * RM1);
  if (useRoot1)
    x = root1;
  if (useRoot2 || noRoot)
    x = root2;
  if ((mod(x) & 1n) === 1n)
    x = mod(-x);
  return { isValid: useRoot1 || useRoot2, value: x };
};
var modL_LE = (hash) => modN(bytesToNumberLE(hash));
var hashedToExtK = (hashed) => {
  const copy = snapshotBytes(hashed);
  const head = copy.slice(0, 32);
  head[0] &= 248;
  head[31] &= 127;
  head[31] |= 64;
  const prefix = copy.slice(32);
  const scalar = modL_LE(head);
  const point = G.multiply(scalar);
  const pointBytes = point.toBytes();
  return { head, prefix, scalar, point, pointBytes };
};
var getExtendedPublicKeyAsync = (secretKey) => callHashAsync("sha512Async", abytes(secretKey, LEN, "secretKey")).then(hashedToExtK);
var getExtendedPublicKey = (secretKey) => hashedToExtK(callHash("sha512", abytes(secretKey, LEN, "secretKey")));
var getPublicKey = (secretKey) => getExtendedPublicKey(secretKey).pointBytes;
var hashFinishSync = (res) => res[1](callHash("sha512", res[0]));
var _sign = (e, rBytes, msg) => {
  const { pointBytes: A, scalar: s } = e;
  const r = modL_LE(rBytes);
  const R = G.multiply(r).toBytes();
  const hashable = concatBytes(R, A, msg);
  const finish = (hashed) => {
    const S = modN(r + modL_LE(hashed) * s);
    return abytes(concatBytes(R, numTo32bLE(S)), 64);
  };
  return [hashable, finish];
};
var sign = (message, secretKey) => {
  const m = snapshotBytes(message, "message");
  const e = getExtendedPublicKey(secretKey);
  return hashFinishSync(_sign(e, callHash("sha512", e.prefix, m), m));
};
var hashes = {
  sha512Async: async (message) => {
    const s = globalThis?.crypto?.subtle;
    if (!s)
      throw new Error("crypto.subtle must be defined, consider polyfill");
    return new Uint8Array(await s.digest("SHA-512", concatBytes(message)));
  },
  sha512: void 0
};
var randomSecretKey = (seed) => {
  return abytes(seed === void 0 ? randomBytes() : seed, LEN, "seed");
};
var utils = /* @__PURE__ */ freeze({
  getExtendedPublicKeyAsync,
  getExtendedPublicKey,
  randomSecretKey
});
var precompute = () => {
  const points = [];
  let p = G;
  let b;
  for (let w = 0; w < 33; w++) {
    b = p;
    points.push(b);
    for (let i = 1; i < 128; i++) {
      b = b.add(p);
      points.push(b);
    }
    p = b.double();
  }
  return points;
};
var Gpows = void 0;
var ctneg = (cnd, p) => {
  const n = p.negate();
  return cnd ? n : p;
};
var wNAF = (n) => {
  const comp = Gpows || (Gpows = precompute());
  let p = I;
  let f = G;
  for (let w = 0; w < 33; w++) {
    let wbits = Number(n & 255n);
    n >>= 8n;
    if (wbits > 128) {
      wbits -= 256;
      n += 1n;
    }
    const off = w * 128;
    const offP = off + Math.abs(wbits) - 1;
    const isOddW = w % 2 !== 0;
    const isNeg = wbits < 0;
    if (wbits === 0) {
      f = f.add(ctneg(isOddW, comp[off]));
    } else {
      p = p.add(ctneg(isNeg, comp[offP]));
    }
  }
  if (n !== 0n)
    throw new Error("invalid wnaf");
  return { p, f };
};

// node_modules/@noble/hashes/_u64.js
var U32_MASK64 = /* @__PURE__ */ (() => BigInt(2 ** 32 - 1))();
var _32n = /* @__PURE__ */ BigInt(32);
function fromBig(n, le = false) {
  if (le)
    return { h: Number(n & U32_MASK64), l: Number(n >> _32n & U32_MASK64) };
  return { h: Number(n >> _32n & U32_MASK64) | 0, l: Number(n & U32_MASK64) | 0 };
}
function split(lst, le = false) {
  const len = lst.length;
  let Ah = new Uint32Array(len);
  let Al = new Uint32Array(len);
  for (let i = 0; i < len; i++) {
    const { h, l } = fromBig(lst[i], le);
    [Ah[i], Al[i]] = [h, l];
  }
  return [Ah, Al];
}
var fromNumH = (n) => n / 2 ** 32 | 0;
var fromNumL = (n) => n >>> 0;
function setU64FromNum(view, byteOffset, n, isLE) {
  const h = fromNumH(n);
  const l = fromNumL(n);
  view.setUint32(byteOffset, isLE ? l : h, isLE);
  view.setUint32(byteOffset + 4, isLE ? h : l, isLE);
}
var shrSH = (h, _l, s) => h >>> s;
var shrSL = (h, l, s) => h << 32 - s | l >>> s;
var rotrSH = (h, l, s) => h >>> s | l << 32 - s;
var rotrSL = (h, l, s) => h << 32 - s | l >>> s;
var rotrBH = (h, l, s) => h << 64 - s | l >>> s - 32;
var rotrBL = (h, l, s) => h >>> s - 32 | l << 64 - s;
function add(Ah, Al, Bh, Bl) {
  const l = (Al >>> 0) + (Bl >>> 0);
  return { h: Ah + Bh + (l / 2 ** 32 | 0) | 0, l: l | 0 };
}
var add3L = (Al, Bl, Cl) => (Al >>> 0) + (Bl >>> 0) + (Cl >>> 0);
var add3H = (low, Ah, Bh, Ch) => Ah + Bh + Ch + (low / 2 ** 32 | 0) | 0;
var add4L = (Al, Bl, Cl, Dl) => (Al >>> 0) + (Bl >>> 0) + (Cl >>> 0) + (Dl >>> 0);
var add4H = (low, Ah, Bh, Ch, Dh) => Ah + Bh + Ch + Dh + (low / 2 ** 32 | 0) | 0;
var add5L = (Al, Bl, Cl, Dl, El) => (Al >>> 0) + (Bl >>> 0) + (Cl >>> 0) + (Dl >>> 0) + (El >>> 0);
var add5H = (low, Ah, Bh, Ch, Dh, Eh) => Ah + Bh + Ch + Dh + Eh + (low / 2 ** 32 | 0) | 0;

// node_modules/@noble/hashes/utils.js
function isBytes2(a) {
  return a instanceof Uint8Array || ArrayBuffer.isView(a) && a.constructor.name === "Uint8Array" && "BYTES_PER_ELEMENT" in a && a.BYTES_PER_ELEMENT === 1;
}
var atitle = (title) => title ? `"${title}" ` : "";
function anumber(n, title = "") {
  if (typeof n !== "number")
    throw new TypeError(atitle(title) + "expected number, got " + typeof n);
  if (!Number.isSafeInteger(n) || n < 0)
    throw new RangeError(atitle(title) + "expected integer >= 0, got " + n);
  return n;
}
function abytes2(value, length, title = "") {
  if (isBytes2(value) && (length === void 0 || value.length === length))
    return value;
  if (length !== void 0)
    anumber(length, "length");
  const bytes = isBytes2(value);
  const ofLen = length !== void 0 ? ` of length ${length}` : "";
  const got = bytes ? `length=${value.length}` : `type=${typeof value}`;
  const message = atitle(title) + "expected Uint8Array" + ofLen + ", got " + got;
  if (!bytes)
    throw new TypeError(message);
  throw new RangeError(message);
}
var aobject = (value, label) => {
  if (value === null || typeof value !== "object" || Array.isArray(value))
    throw new TypeError((label === "object" ? "" : `"${label}" `) + "expected object, got type=" + typeof value);
};
var aopts = (value, label) => {
  aobject(value, label);
  const proto = Object.getPrototypeOf(value);
  if (proto !== Object.prototype && proto !== null)
    throw new TypeError(`"${label}" expected plain object`);
  if (Object.hasOwn(value, "__proto__"))
    throw new TypeError(`"${label}.__proto__" is not allowed`);
};
function aexists(instance, checkFinished = true) {
  if (instance.destroyed)
    throw new Error("hash was destroyed");
  if (checkFinished && instance.finished)
    throw new Error("digest() was already called");
}
function aoutput(out, instance) {
  abytes2(out, void 0, "output");
  const min = instance.outputLen;
  if (!(out.length >= min)) {
    throw new RangeError('"output" expected length >= ' + min);
  }
}
function clean(...arrays) {
  for (let i = 0; i < arrays.length; i++) {
    arrays[i].fill(0);
  }
}
function createView(arr) {
  return new DataView(arr.buffer, arr.byteOffset, arr.byteLength);
}
function checkOpts(defaults, opts, title = "opts") {
  aopts(defaults, "defaults");
  if (opts !== void 0)
    aopts(opts, title);
  const merged = Object.assign(/* @__PURE__ */ Object.create(null), defaults, opts);
  return merged;
}
function createHasher(hashCons, info = {}) {
  if (typeof hashCons !== "function")
    throw new TypeError('"hashCons" expected function, got type=' + typeof hashCons);
  info = checkOpts({}, info, "info");
  const hashC = (msg, opts) => hashCons(opts).update(msg).digest();
  const tmp = hashCons(void 0);
  hashC.outputLen = tmp.outputLen;
  hashC.blockLen = tmp.blockLen;
  hashC.canXOF = tmp.canXOF;
  hashC.create = (opts) => hashCons(opts);
  Object.assign(hashC, info);
  return Object.freeze(hashC);
}
var oidNist = (suffix) => ({
  // Current NIST hashAlgs suffixes used here fit in one DER subidentifier octet.
  // Larger suffix values would need base-128 OID encoding and a different length byte.
  oid: Uint8Array.from([6, 9, 96, 134, 72, 1, 101, 3, 4, 2, suffix])
});

// node_modules/@noble/hashes/_md.js
var HashMD = class {
  blockLen;
  outputLen;
  canXOF = false;
  padOffset;
  isLE;
  // For partial updates less than block size
  buffer;
  view;
  finished = false;
  length = 0;
  pos = 0;
  destroyed = false;
  constructor(blockLen, outputLen, padOffset, isLE) {
    this.blockLen = blockLen;
    this.outputLen = outputLen;
    this.padOffset = padOffset;
    this.isLE = isLE;
    this.buffer = new Uint8Array(blockLen);
    this.view = createView(this.buffer);
  }
  update(data) {
    aexists(this);
    abytes2(data);
    const { view, buffer, blockLen } = this;
    const len = data.length;
    let processed = false;
    for (let pos = 0; pos < len; ) {
      const take = Math.min(blockLen - this.pos, len - pos);
      if (take === blockLen) {
        const dataView = createView(data);
        for (; blockLen <= len - pos; pos += blockLen)
          this.process(dataView, pos);
        processed = true;
        continue;
      }
      buffer.set(pos === 0 && take === len ? data : data.subarray(pos, pos + take), this.pos);
      this.pos += take;
      pos += take;
      if (this.pos === blockLen) {
        this.process(view, 0);
        this.pos = 0;
        processed = true;
      }
    }
    this.length += data.length;
    if (processed)
      this.roundClean();
    return this;
  }
  digestInto(out) {
    aexists(this);
    aoutput(out, this);
    this.finished = true;
    const { buffer, view, blockLen, isLE } = this;
    let { pos } = this;
    buffer[pos++] = 128;
    buffer.fill(0, pos);
    if (this.padOffset > blockLen - pos) {
      this.process(view, 0);
      buffer.fill(0);
    }
    setU64FromNum(view, blockLen - 8, this.length * 8, isLE);
    this.process(view, 0);
    this.roundClean();
    const oview = out === buffer ? view : createView(out);
    const len = this.outputLen;
    const outLen = len / 4;
    const state = this.get();
    if (len % 4 || outLen > state.length)
      throw new Error("invalid outputLen");
    for (let i = 0; i < outLen; i++)
      oview.setUint32(4 * i, state[i], isLE);
  }
  digest() {
    const { buffer, outputLen } = this;
    this.digestInto(buffer);
    const res = buffer.slice(0, outputLen);
    this.destroy();
    return res;
  }
  _cloneIntoMeta(to) {
    const { buffer, length, finished, destroyed, pos } = this;
    to.destroyed = destroyed;
    to.finished = finished;
    to.length = length;
    to.pos = pos;
    if (pos)
      to.buffer.set(buffer);
    return to;
  }
  clone() {
    return this._cloneInto();
  }
};
var SHA512_IV = /* @__PURE__ */ Uint32Array.from([
  1779033703,
  4089235720,
  3144134277,
  2227873595,
  1013904242,
  4271175723,
  2773480762,
  1595750129,
  1359893119,
  2917565137,
  2600822924,
  725511199,
  528734635,
  4215389547,
  1541459225,
  327033209
]);

// node_modules/@noble/hashes/sha2.js
var K512 = /* @__PURE__ */ (() => split([
  "0x428a2f98d728ae22",
  "0x7137449123ef65cd",
  "0xb5c0fbcfec4d3b2f",
  "0xe9b5dba58189dbbc",
  "0x3956c25bf348b538",
  "0x59f111f1b605d019",
  "0x923f82a4af194f9b",
  "0xab1c5ed5da6d8118",
  "0xd807aa98a3030242",
  "0x12835b0145706fbe",
  "0x243185be4ee4b28c",
  "0x550c7dc3d5ffb4e2",
  "0x72be5d74f27b896f",
  "0x80deb1fe3b1696b1",
  "0x9bdc06a725c71235",
  "0xc19bf174cf692694",
  "0xe49b69c19ef14ad2",
  "0xefbe4786384f25e3",
  "0x0fc19dc68b8cd5b5",
  "0x240ca1cc77ac9c65",
  "0x2de92c6f592b0275",
  "0x4a7484aa6ea6e483",
  "0x5cb0a9dcbd41fbd4",
  "0x76f988da831153b5",
  "0x983e5152ee66dfab",
  "0xa831c66d2db43210",
  "0xb00327c898fb213f",
  "0xbf597fc7beef0ee4",
  "0xc6e00bf33da88fc2",
  "0xd5a79147930aa725",
  "0x06ca6351e003826f",
  "0x142929670a0e6e70",
  "0x27b70a8546d22ffc",
  "0x2e1b21385c26c926",
  "0x4d2c6dfc5ac42aed",
  "0x53380d139d95b3df",
  "0x650a73548baf63de",
  "0x766a0abb3c77b2a8",
  "0x81c2c92e47edaee6",
  "0x92722c851482353b",
  "0xa2bfe8a14cf10364",
  "0xa81a664bbc423001",
  "0xc24b8b70d0f89791",
  "0xc76c51a30654be30",
  "0xd192e819d6ef5218",
  "0xd69906245565a910",
  "0xf40e35855771202a",
  "0x106aa07032bbd1b8",
  "0x19a4c116b8d2d0c8",
  "0x1e376c085141ab53",
  "0x2748774cdf8eeb99",
  "0x34b0bcb5e19b48a8",
  "0x391c0cb3c5c95a63",
  "0x4ed8aa4ae3418acb",
  "0x5b9cca4f7763e373",
  "0x682e6ff3d6b2b8a3",
  "0x748f82ee5defb2fc",
  "0x78a5636f43172f60",
  "0x84c87814a1f0ab72",
  "0x8cc702081a6439ec",
  "0x90befffa23631e28",
  "0xa4506cebde82bde9",
  "0xbef9a3f7b2c67915",
  "0xc67178f2e372532b",
  "0xca273eceea26619c",
  "0xd186b8c721c0c207",
  "0xeada7dd6cde0eb1e",
  "0xf57d4f7fee6ed178",
  "0x06f067aa72176fba",
  "0x0a637dc5a2c898a6",
  "0x113f9804bef90dae",
  "0x1b710b35131c471b",
  "0x28db77f523047d84",
  "0x32caab7b40c72493",
  "0x3c9ebe0a15c9bebc",
  "0x431d67c49c100d4c",
  "0x4cc5d4becb3e42b6",
  "0x597f299cfc657e2a",
  "0x5fcb6fab3ad6faec",
  "0x6c44198c4a475817"
].map((n) => BigInt(n))))();
var SHA512_Kh = /* @__PURE__ */ (() => K512[0])();
var SHA512_Kl = /* @__PURE__ */ (() => K512[1])();
var SHA512_W_H = /* @__PURE__ */ new Uint32Array(80);
var SHA512_W_L = /* @__PURE__ */ new Uint32Array(80);
var SHA2_64B = class extends HashMD {
  // We cannot use array here since array allows indexing by variable
  // which means optimizer/compiler cannot use registers.
  // h -- high 32 bits, l -- low 32 bits
  // Numeric initializers matter: starting the fields as `undefined` changes
  // V8's field representation and slows hashing down (measured on sha256).
  Ah = 0;
  Al = 0;
  Bh = 0;
  Bl = 0;
  Ch = 0;
  Cl = 0;
  Dh = 0;
  Dl = 0;
  Eh = 0;
  El = 0;
  Fh = 0;
  Fl = 0;
  Gh = 0;
  Gl = 0;
  Hh = 0;
  Hl = 0;
  constructor(outputLen, IV) {
    super(128, outputLen, 16, false);
    this.Ah = IV[0] | 0;
    this.Al = IV[1] | 0;
    this.Bh = IV[2] | 0;
    this.Bl = IV[3] | 0;
    this.Ch = IV[4] | 0;
    this.Cl = IV[5] | 0;
    this.Dh = IV[6] | 0;
    this.Dl = IV[7] | 0;
    this.Eh = IV[8] | 0;
    this.El = IV[9] | 0;
    this.Fh = IV[10] | 0;
    this.Fl = IV[11] | 0;
    this.Gh = IV[12] | 0;
    this.Gl = IV[13] | 0;
    this.Hh = IV[14] | 0;
    this.Hl = IV[15] | 0;
  }
  // prettier-ignore
  get() {
    const { Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl } = this;
    return [Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl];
  }
  // prettier-ignore
  set(Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl) {
    this.Ah = Ah | 0;
    this.Al = Al | 0;
    this.Bh = Bh | 0;
    this.Bl = Bl | 0;
    this.Ch = Ch | 0;
    this.Cl = Cl | 0;
    this.Dh = Dh | 0;
    this.Dl = Dl | 0;
    this.Eh = Eh | 0;
    this.El = El | 0;
    this.Fh = Fh | 0;
    this.Fl = Fl | 0;
    this.Gh = Gh | 0;
    this.Gl = Gl | 0;
    this.Hh = Hh | 0;
    this.Hl = Hl | 0;
  }
  _cloneInto(to) {
    (to ||= new this.constructor()).set(...this.get());
    return this._cloneIntoMeta(to);
  }
  process(view, offset) {
    for (let i = 0; i < 16; i++, offset += 4) {
      SHA512_W_H[i] = view.getUint32(offset);
      SHA512_W_L[i] = view.getUint32(offset += 4);
    }
    for (let i = 16; i < 80; i++) {
      const W15h = SHA512_W_H[i - 15] | 0;
      const W15l = SHA512_W_L[i - 15] | 0;
      const s0h = rotrSH(W15h, W15l, 1) ^ rotrSH(W15h, W15l, 8) ^ shrSH(W15h, W15l, 7);
      const s0l = rotrSL(W15h, W15l, 1) ^ rotrSL(W15h, W15l, 8) ^ shrSL(W15h, W15l, 7);
      const W2h = SHA512_W_H[i - 2] | 0;
      const W2l = SHA512_W_L[i - 2] | 0;
      const s1h = rotrSH(W2h, W2l, 19) ^ rotrBH(W2h, W2l, 61) ^ shrSH(W2h, W2l, 6);
      const s1l = rotrSL(W2h, W2l, 19) ^ rotrBL(W2h, W2l, 61) ^ shrSL(W2h, W2l, 6);
      const SUMl = add4L(s0l, s1l, SHA512_W_L[i - 7], SHA512_W_L[i - 16]);
      const SUMh = add4H(SUMl, s0h, s1h, SHA512_W_H[i - 7], SHA512_W_H[i - 16]);
      SHA512_W_H[i] = SUMh | 0;
      SHA512_W_L[i] = SUMl | 0;
    }
    let { Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl } = this;
    for (let i = 0; i < 80; i++) {
      const sigma1h = rotrSH(Eh, El, 14) ^ rotrSH(Eh, El, 18) ^ rotrBH(Eh, El, 41);
      const sigma1l = rotrSL(Eh, El, 14) ^ rotrSL(Eh, El, 18) ^ rotrBL(Eh, El, 41);
      const CHIh = Eh & Fh ^ ~Eh & Gh;
      const CHIl = El & Fl ^ ~El & Gl;
      const T1ll = add5L(Hl, sigma1l, CHIl, SHA512_Kl[i], SHA512_W_L[i]);
      const T1h = add5H(T1ll, Hh, sigma1h, CHIh, SHA512_Kh[i], SHA512_W_H[i]);
      const T1l = T1ll | 0;
      const sigma0h = rotrSH(Ah, Al, 28) ^ rotrBH(Ah, Al, 34) ^ rotrBH(Ah, Al, 39);
      const sigma0l = rotrSL(Ah, Al, 28) ^ rotrBL(Ah, Al, 34) ^ rotrBL(Ah, Al, 39);
      const MAJh = Ah & Bh ^ Ah & Ch ^ Bh & Ch;
      const MAJl = Al & Bl ^ Al & Cl ^ Bl & Cl;
      Hh = Gh | 0;
      Hl = Gl | 0;
      Gh = Fh | 0;
      Gl = Fl | 0;
      Fh = Eh | 0;
      Fl = El | 0;
      ({ h: Eh, l: El } = add(Dh | 0, Dl | 0, T1h | 0, T1l | 0));
      Dh = Ch | 0;
      Dl = Cl | 0;
      Ch = Bh | 0;
      Cl = Bl | 0;
      Bh = Ah | 0;
      Bl = Al | 0;
      const All = add3L(T1l, sigma0l, MAJl);
      Ah = add3H(All, T1h, sigma0h, MAJh);
      Al = All | 0;
    }
    ({ h: Ah, l: Al } = add(this.Ah | 0, this.Al | 0, Ah | 0, Al | 0));
    ({ h: Bh, l: Bl } = add(this.Bh | 0, this.Bl | 0, Bh | 0, Bl | 0));
    ({ h: Ch, l: Cl } = add(this.Ch | 0, this.Cl | 0, Ch | 0, Cl | 0));
    ({ h: Dh, l: Dl } = add(this.Dh | 0, this.Dl | 0, Dh | 0, Dl | 0));
    ({ h: Eh, l: El } = add(this.Eh | 0, this.El | 0, Eh | 0, El | 0));
    ({ h: Fh, l: Fl } = add(this.Fh | 0, this.Fl | 0, Fh | 0, Fl | 0));
    ({ h: Gh, l: Gl } = add(this.Gh | 0, this.Gl | 0, Gh | 0, Gl | 0));
    ({ h: Hh, l: Hl } = add(this.Hh | 0, this.Hl | 0, Hh | 0, Hl | 0));
    this.set(Ah, Al, Bh, Bl, Ch, Cl, Dh, Dl, Eh, El, Fh, Fl, Gh, Gl, Hh, Hl);
  }
  roundClean() {
    clean(SHA512_W_H, SHA512_W_L);
  }
  destroy() {
    this.destroyed = true;
    clean(this.buffer);
    this.set(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
  }
};
var _SHA512 = class extends SHA2_64B {
  constructor() {
    super(64, SHA512_IV);
  }
};
var sha512 = /* @__PURE__ */ createHasher(
  () => new _SHA512(),
  /* @__PURE__ */ oidNist(3)
);

// src/wire/identity.js
hashes.sha512 = sha512;
var PKCS8_HEAD = bytesOfHex("302e020100300506032b657004220420");
var Identity = class _Identity {
  /** @type {Uint8Array} */
  #seed;
  /** @type {Promise<CryptoKey | null> | null} */
  #key = null;
  /** @param {string} privateKey 64 hex characters. Anything else throws a RangeError, which never repeats the key. */
  constructor(privateKey) {
    this.#seed = seedOf(privateKey);
    this.id = hexOfBytes(getPublicKey(this.#seed));
  }
  /** Make a new one. */
  static generate() {
    return new _Identity(hexOfBytes(utils.randomSecretKey()));
  }
  /** The 32-byte seed in 64 hex characters. Whoever has it is this identity. */
  get privateKey() {
    return hexOfBytes(this.#seed);
  }
  /**
   * @param {Uint8Array} message
   * @returns {Promise<Uint8Array>}
   */
  async sign(message) {
    this.#key ??= importKey(this.#seed);
    const key = await this.#key;
    return key ? signWith(key, message) : this.signNow(message);
  }
  /**
   * @param {Uint8Array} message
   * @returns {Uint8Array}
   */
  signNow(message) {
    return sign(message, this.#seed);
  }
  toString() {
    return `Identity(${this.id.slice(0, 8)}…)`;
  }
  /** Neither printing nor JSON shows the private key. */
  toJSON() {
    return { id: this.id };
  }
};
async function signWith(key, message) {
  return new Uint8Array(await crypto.subtle.sign(
    "Ed25519",
    key,
    /** @type {BufferSource} */
    message
  ));
}
async function importKey(seed) {
  const subtle = globalThis.crypto?.subtle;
  if (!subtle) return null;
  const written = new Uint8Array([...PKCS8_HEAD, ...seed]);
  try {
    return await subtle.importKey("pkcs8", written, "Ed25519", false, ["sign"]);
  } catch {
    return null;
  }
}
function signerOf(key) {
  if (typeof key === "string") return new Identity(key);
  if (isId(key?.id) && typeof key.sign === "function") return key;
  throw new TypeError("a key is a private key in 64 hex characters, or a signer: { id, sign(bytes) }");
}
function isId(text) {
  return typeof text === "string" && /^[0-9a-f]{64}$/.test(text);
}
function seedOf(privateKey) {
  const written = typeof privateKey === "string" ? privateKey.trim() : "";
  if (!/^[0-9a-f]{64}$/i.test(written)) {
    throw new RangeError(
      "a private key is 64 hex characters (the 32-byte Ed25519 seed); make one with `colonies key new`"
    );
  }
  return bytesOfHex(written);
}

// src/caller.js
var KEPT_SIGNERS = 1024;
var Caller = class {
  #signer;
  /** @type {Map<string, Signer>} */
  #signers = /* @__PURE__ */ new Map();
  #colony;
  #requestSeconds;
  /**
   * @param {string | readonly string[] | undefined} address
   * @param {ClientOptions} options
   */
  constructor(address, { key, colony, connectSeconds = 10, requestSeconds = 30 } = {}) {
    this.connection = new Connection(socketAddresses(address), { connectSeconds });
    this.#signer = key === void 0 ? null : signerOf(key);
    this.#colony = colony;
    this.#requestSeconds = requestSeconds;
  }
  /** The id of the client's own key, or an empty string. */
  get id() {
    return this.#signer?.id ?? "";
  }
  /**
   * Ask and wait for the result. Undefined and null among params mean: not given.
   * @param {string} method
   * @param {Record<string, unknown>} params
   * @param {Options & { progress?: Progress }} [options] progress: called with how far it is
   * @param {number} [moreSeconds] how much longer than for other requests the broker may take
   * @returns {Promise<any>}
   */
  async ask(method, params, { prvkey, signal, progress } = {}, moreSeconds = 0) {
    signal?.throwIfAborted();
    return this.begin(method, params, prvkey, moreSeconds, progress).wait(signal);
  }
  /**
   * Ask without waiting, so that what is asked next leaves in the same frame.
   * @param {string} method
   * @param {Record<string, unknown>} params
   * @param {Key | null} [prvkey]
   * @param {number} [moreSeconds]
   * @param {Progress} [progress]
   */
  begin(method, params, prvkey, moreSeconds = 0, progress = void 0) {
    const seconds = this.#requestSeconds + moreSeconds;
    return this.connection.ask(method, this.#complete(params), this.signerFor(prvkey), seconds, progress);
  }
  /**
   * @param {string} method
   * @param {Record<string, unknown>} params
   * @param {Options & { seconds: number, lasts?: boolean }} options
   */
  subscription(method, params, { prvkey, signal, seconds, lasts = true }) {
    const options = { patience: this.#requestSeconds, seconds, lasts, signal };
    return new Subscription(this.connection, method, this.#complete(params), this.signerFor(prvkey), options);
  }
  /**
   * @param {string} method
   * @param {Record<string, unknown>} params
   * @param {Options} options
   * @param {Pick<FollowingOptions, "newestOnly" | "first">} [how]
   * @returns {Feed<any>}
   */
  feed(method, params, { prvkey, signal }, how = {}) {
    const options = { patience: this.#requestSeconds, seconds: 0, lasts: true, signal, ...how };
    return new Feed(this.connection, method, this.#complete(params), this.signerFor(prvkey), options);
  }
  /**
   * Leave out what was not given, and name the client's colony where the caller named none.
   * @param {Record<string, unknown>} params
   */
  #complete(params) {
    const given = Object.entries(params).filter(([, value]) => value !== void 0 && value !== null);
    return { ...this.#colony === void 0 ? {} : { colonyid: this.#colony }, ...Object.fromEntries(given) };
  }
  /**
   * @param {Key | null} [prvkey]
   * @returns {Signer}
   */
  signerFor(prvkey) {
    if (prvkey === void 0 || prvkey === null) {
      if (!this.#signer) throw badRequest("prvkey", "a key: give one to the client, or to the call", "none");
      return this.#signer;
    }
    if (typeof prvkey !== "string") return signerOf(prvkey);
    const known = this.#signers.get(prvkey);
    if (known) return known;
    if (this.#signers.size >= KEPT_SIGNERS) this.#signers.clear();
    const made = new Identity(prvkey);
    this.#signers.set(prvkey, made);
    return made;
  }
};

// src/members.js
var Members = class extends EventTarget {
  /**
   * @param {string | readonly string[]} [address]
   * @param {ClientOptions} [options]
   */
  constructor(address, options) {
    super();
    this.caller = new Caller(address, options ?? {});
  }
  // — server and colonies —
  /** Ask what the broker is. Any key will do, known or not. @param {Options} [options] @returns {Promise<ServerInfo>} */
  serverInfo(options) {
    return this.caller.ask("server.info", {}, options);
  }
  /** Ask who this key is in its colony. @param {Options} [options] @returns {Promise<Whoami>} */
  whoami(options) {
    return this.caller.ask("member.whoami", {}, options);
  }
  /**
   * Add a colony; its id is the id of its owner's key. For the server owner.
   * @param {string} colonyid
   * @param {string} name
   * @param {Options} [options]
   * @returns {Promise<Colony>}
   */
  addColony(colonyid, name, options) {
    return this.caller.ask("colony.add", { colonyid, name }, options);
  }
  /**
   * Remove a colony and everything in it. For the server owner.
   * @param {string} colonyid
   * @param {Options} [options]
   * @returns {Promise<void>}
   */
  async removeColony(colonyid, options) {
    await this.caller.ask("colony.remove", { colonyid }, options);
  }
  /** List all colonies. For the server owner. @param {Options} [options] @returns {Promise<Colony[]>} */
  getColonies(options) {
    return this.caller.ask("colony.list", {}, options);
  }
  /**
   * Get the caller's colony; the server owner names one.
   * @param {string | null} [colonyid]
   * @param {Options} [options]
   * @returns {Promise<Colony>}
   */
  getColony(colonyid, options) {
    return this.caller.ask("colony.get", { colonyid }, options);
  }
  // — executors —
  /**
   * Add an executor; it works once it is approved. For the colony owner.
   * @param {string} executorid
   * @param {string} executorname
   * @param {string} executortype
   * @param {Options & { approve?: boolean }} [options]
   * @returns {Promise<Executor>}
   */
  addExecutor(executorid, executorname, executortype, { approve = false, ...options } = {}) {
    const executor = { executorid, executorname, executortype };
    return this.caller.ask("executor.add", { executor, approve }, options);
  }
  /** Let an executor work. @param {string} executorid @param {Options} [options] @returns {Promise<Executor>} */
  approveExecutor(executorid, options) {
    return this.caller.ask("executor.approve", { executorid }, options);
  }
  /**
   * Let an executor work no longer; what it runs goes back to the queue.
   * @param {string} executorid
   * @param {Options} [options]
   * @returns {Promise<Executor>}
   */
  rejectExecutor(executorid, options) {
    return this.caller.ask("executor.reject", { executorid }, options);
  }
  /**
   * Remove an executor; what it runs goes back to the queue without using up a retry.
   * @param {string} executorid
   * @param {Options} [options]
   * @returns {Promise<Executor>}
   */
  removeExecutor(executorid, options) {
    return this.caller.ask("executor.remove", { executorid }, options);
  }
  /**
   * List the executors of the colony, with whether they are online and how much they run.
   * @param {Options & { executortype?: string, online?: boolean }} [options]
   * @returns {Promise<Executor[]>}
   */
  getExecutors({ executortype, online, ...options } = {}) {
    return this.caller.ask("executor.list", { executortype, online }, options);
  }
  /**
   * Get one executor, by its id or by its name.
   * @param {{ executorid?: string, executorname?: string }} which
   * @param {Options} [options]
   * @returns {Promise<Executor>}
   */
  getExecutor({ executorid, executorname }, options) {
    return this.caller.ask("executor.get", { executorid, executorname }, options);
  }
  /**
   * Return the id of the executor of this name.
   * @param {string} executorname
   * @param {Options} [options]
   * @returns {Promise<string>}
   */
  async resolveExecutor(executorname, options) {
    return (await this.caller.ask("executor.resolve", { executorname }, options)).executorid;
  }
  // — users and functions —
  /**
   * Add a user. For the colony owner.
   * @param {string} userid
   * @param {string} name
   * @param {"viewer" | "operator"} role
   * @param {Options} [options]
   * @returns {Promise<User>}
   */
  addUser(userid, name, role, options) {
    return this.caller.ask("user.add", { user: { userid, name, role } }, options);
  }
  /** List the users of the colony. For the colony owner. @param {Options} [options] @returns {Promise<User[]>} */
  getUsers(options) {
    return this.caller.ask("user.list", {}, options);
  }
  /** Remove a user. For the colony owner. @param {string} userid @param {Options} [options] @returns {Promise<void>} */
  async removeUser(userid, options) {
    await this.caller.ask("user.remove", { userid }, options);
  }
  /**
   * Say what this executor can do. Shown to people; it does not decide an assignment.
   * @param {string} funcname
   * @param {Options & { description?: string, args?: any[] }} [options]
   * @returns {Promise<ColonyFunction>}
   */
  addFunction(funcname, { description = "", args = [], ...options } = {}) {
    return this.caller.ask("function.add", { function: { funcname, description, args } }, options);
  }
  /**
   * List what the executors of the colony, or one of them, say that they can do.
   * @param {string | null} [executorid]
   * @param {Options} [options]
   * @returns {Promise<ColonyFunction[]>}
   */
  getFunctions(executorid, options) {
    return this.caller.ask("function.list", { executorid }, options);
  }
  /** Take back what `addFunction` said. @param {string} funcname @param {Options} [options] @returns {Promise<void>} */
  async removeFunction(funcname, options) {
    await this.caller.ask("function.remove", { funcname }, options);
  }
};

// src/looking.js
var MATCHING_SECONDS = 60;
var Looking = class extends Members {
  /** Get one process. @param {string} processid @param {Options} [options] @returns {Promise<Process>} */
  getProcess(processid, options) {
    return this.caller.ask("process.get", { processid }, options);
  }
  /**
   * Get one page of the processes that match, in the order of submission.
   * @param {ProcessFilter & Options & { cursor?: string }} [filter] cursor: of the page before; the last page has none
   * @returns {Promise<Page>}
   */
  getProcesses({ prvkey, signal, ...filter } = {}) {
    return this.caller.ask("process.list", filter, { prvkey, signal });
  }
  /**
   * Go through all processes that match, page after page; see `getProcesses`.
   * @param {ProcessFilter & Options} [filter]
   * @returns {AsyncGenerator<Process, void, void>}
   */
  async *iterProcesses(filter = {}) {
    let cursor = "";
    do {
      const page = await this.getProcesses({ ...filter, cursor });
      yield* page.processes;
      cursor = page.cursor;
    } while (cursor);
  }
  /**
   * Get the named values of a process, those of its env included.
   * @param {string} processid
   * @param {Options} [options]
   * @returns {Promise<Attribute[]>}
   */
  getAttributes(processid, options) {
    return this.caller.ask("attribute.list", { processid }, options);
  }
  /**
   * Get lines of the log of a process, oldest first.
   * @param {string} processid
   * @param {Options & { since?: number, after?: number, limit?: number }} [options] since: ms, lines of that time
   *   included. after: only lines with a higher seq; an answer ends where it would not fit a frame, so ask again after
   *   its last line until nothing comes
   * @returns {Promise<Log[]>}
   */
  getLogs(processid, { since = 0, after = 0, limit = 1e3, ...options } = {}) {
    return this.caller.ask("log.list", { processid, since, after, limit }, options);
  }
  /** Say in words why a process waits. @param {string} processid @param {Options} [options] @returns {Promise<Explanation>} */
  explain(processid, options) {
    return this.caller.ask("process.explain", { processid }, options);
  }
  /** Count processes and executors, by executor type and state. @param {Options} [options] @returns {Promise<Stats>} */
  getStats(options) {
    return this.caller.ask("stats.get", {}, options);
  }
  /** Count what was successful and failed in each of the last 60 minutes. @param {Options} [options] @returns {Promise<StatsHistory>} */
  getStatsHistory(options) {
    return this.caller.ask("stats.history", {}, options);
  }
  /**
   * Get the failed processes in groups of one cause, the one that failed last first.
   * @param {Options & { executortype?: string, limit?: number }} [options] limit: 1 … 500
   * @returns {Promise<FailureGroup[]>}
   */
  getFailures({ executortype, limit = 100, ...options } = {}) {
    return this.caller.ask("failure.list", { executortype, limit }, options);
  }
  // — an operator's moves —
  /**
   * Cancel what waits or runs. For operators, the colony owner, and whoever submitted it.
   * @param {string} processid
   * @param {Options} [options]
   * @returns {Promise<Process>}
   */
  cancel(processid, options) {
    return this.caller.ask("process.cancel", { processid }, options);
  }
  /**
   * Submit the spec of a failed or cancelled process again, as a new process.
   *
   * A repeat makes nothing twice: it returns the process that the first one made, or retries that where it is over and
   * was not successful.
   * @param {string} processid
   * @param {Options} [options]
   * @returns {Promise<Process>}
   */
  retry(processid, options) {
    return this.caller.ask("process.retry", { processid }, options);
  }
  /** Remove a process that is over, with its log. @param {string} processid @param {Options} [options] @returns {Promise<void>} */
  async removeProcess(processid, options) {
    await this.caller.ask("process.remove", { processid }, options);
  }
  /**
   * Retry every failed or cancelled process that matches.
   *
   * The broker does it in batches, for as long as this client is connected; what was done stays done, and a repeat makes
   * nothing twice. Only what was submitted before it began is touched. Aborting only stops the waiting.
   * @param {Matching} [wanted]
   * @returns {Promise<Matched>}
   */
  retryMatching(wanted) {
    return this.#move("process.retry_matching", wanted);
  }
  /**
   * Cancel everything that waits or runs and matches; see `retryMatching`. Throws ConnectionLost when the connection
   * ends before it has: some of it is done, and the same call does the rest.
   * @param {Matching} [wanted]
   * @returns {Promise<Matched>}
   */
  cancelMatching(wanted) {
    return this.#move("process.cancel_matching", wanted);
  }
  /**
   * Remove everything that is over and matches, with the logs; see `cancelMatching`.
   * @param {Matching} [wanted]
   * @returns {Promise<Matched>}
   */
  removeMatching(wanted) {
    return this.#move("process.remove_matching", wanted);
  }
  /** @param {string} method @param {Matching} [wanted] @returns {Promise<Matched>} */
  #move(method, { prvkey, signal, progress, ...filter } = {}) {
    return this.caller.ask(method, filter, { prvkey, signal, progress }, MATCHING_SECONDS);
  }
};

// src/work.js
function newId() {
  return Date.now().toString(16).padStart(12, "0") + randomHex(10);
}
var Work = class extends Looking {
  // — submitting —
  /**
   * Submit a process spec.
   * @param {ProcessSpec} spec
   * @param {Options & { processid?: string, wait?: boolean }} [options]
   *   processid: chosen here when not given, so that saying it again after a lost reply is safe.
   *   wait: return the process once it is successful, failed or cancelled. Aborting then leaves it going on.
   * @returns {Promise<Process>}
   */
  async submit(spec, { processid = newId(), wait = false, ...options } = {}) {
    const process = await this.caller.ask("process.submit", { spec, processid }, options);
    return wait && !isFinal(process.state) ? this.#waitFinal(process.processid, options) : process;
  }
  /**
   * @param {string} processid
   * @param {Options} options
   */
  async #waitFinal(processid, options) {
    const moves = this.caller.subscription("watch", { processid }, { ...options, seconds: 0 });
    try {
      return (await moves.nextEvent()).process;
    } finally {
      moves.close();
    }
  }
  /**
   * Submit a process spec: `submit` with its key in the second place.
   * @param {ProcessSpec} spec
   * @param {Key} [prvkey]
   */
  submitProcessSpec(spec, prvkey) {
    return this.submit(spec, { prvkey });
  }
  // — working —
  /**
   * Be assigned a process, waiting up to `timeout` seconds (0 … 60) for one. As `assign(colonyid, timeout, prvkey)`
   * or as `assign({ timeout, latest, signal })`.
   *
   * latest: the newest one, rather than the one whose turn it is. Throws NothingToAssign when none came, which is
   * no fault: ask again. Aborting loses nothing: a process that was assigned meanwhile is handed back.
   * @param {string | null | AssignOptions} [colonyid]
   * @param {number} [timeout]
   * @param {Key | null} [prvkey]
   * @param {AssignOptions} [options]
   * @returns {Promise<Process>}
   */
  assign(colonyid, timeout = 10, prvkey, options = {}) {
    if (typeof colonyid === "object" && colonyid !== null) return this.#assign({ timeout, ...colonyid });
    return this.#assign({ timeout, prvkey, ...options, colonyid });
  }
  /**
   * Be assigned the process that was submitted last, at once or within `timeout` seconds. As
   * `assignLatest(colonyid, prvkey)` or as `assignLatest({ timeout, signal })`.
   * @param {string | null | AssignOptions} [colonyid]
   * @param {Key | null} [prvkey]
   * @param {AssignOptions} [options]
   * @returns {Promise<Process>}
   */
  assignLatest(colonyid, prvkey, options = {}) {
    if (typeof colonyid === "object" && colonyid !== null) return this.#assign({ ...colonyid, latest: true });
    return this.#assign({ prvkey, ...options, latest: true, colonyid });
  }
  /** @param {AssignOptions} options */
  #assign({ timeout = 0, latest = false, colonyid, ...options }) {
    return this.caller.ask("process.assign", { colonyid, timeout, latest, claimid: newClaimid() }, options, timeout);
  }
  /**
   * Close a process that this executor holds, as successful or failed.
   *
   * Throws DeadlinePassed, NotAssignedToYou or WrongState when it comes too late; nothing is changed then.
   * @param {string | Process} process its id; or the process itself, and then the close holds for its attempt alone
   * @param {boolean} [successful]
   * @param {Key | null} [prvkey]
   * @param {CloseOptions} [options]
   * @returns {Promise<Process>}
   */
  closeProcess(process, successful = true, prvkey, { attempt, out = [], errors = [], attributes = [], ...options } = {}) {
    const params = { ...named(process, attempt), successful, out, errors, attributes };
    return this.caller.ask("process.close", params, { prvkey, ...options });
  }
  /**
   * Give a process that this executor holds back to the queue, without using up a retry.
   * @param {string | Process} process
   * @param {Options & { attempt?: number }} [options]
   * @returns {Promise<Process>}
   */
  handBack(process, { attempt, ...options } = {}) {
    return this.caller.ask("process.hand_back", named(process, attempt), options);
  }
  /**
   * Set a named value on a process that this executor holds. One for a (key, kind): a second replaces it.
   * @param {string} processid
   * @param {string} key
   * @param {any} value
   * @param {Options & { kind?: AttributeKind }} [options]
   * @returns {Promise<Attribute>}
   */
  setAttribute(processid, key, value, { kind = "out", ...options } = {}) {
    return this.caller.ask("attribute.set", { processid, key, value, kind }, options);
  }
  /**
   * Add a line to the log of a process that this executor holds.
   * @param {string} processid
   * @param {string} message
   * @param {Options} [options]
   * @returns {Promise<void>}
   */
  async addLog(processid, message, options) {
    await this.caller.ask("log.add", { processid, message }, options);
  }
};
function named(process, attempt) {
  if (typeof process === "string") return { processid: process, attempt };
  return { processid: process.processid, attempt: attempt ?? process.attempt };
}

// src/client.js
var METHOD_NAMES = Object.freeze({
  "server.info": "serverInfo",
  "member.whoami": "whoami",
  "colony.add": "addColony",
  "colony.remove": "removeColony",
  "colony.list": "getColonies",
  "colony.get": "getColony",
  "executor.add": "addExecutor",
  "executor.approve": "approveExecutor",
  "executor.reject": "rejectExecutor",
  "executor.remove": "removeExecutor",
  "executor.list": "getExecutors",
  "executor.get": "getExecutor",
  "executor.resolve": "resolveExecutor",
  "user.add": "addUser",
  "user.list": "getUsers",
  "user.remove": "removeUser",
  "function.add": "addFunction",
  "function.list": "getFunctions",
  "function.remove": "removeFunction",
  "process.submit": "submit",
  "process.assign": "assign",
  "process.close": "closeProcess",
  "process.hand_back": "handBack",
  "process.get": "getProcess",
  "process.list": "getProcesses",
  "process.cancel": "cancel",
  "process.retry": "retry",
  "process.remove": "removeProcess",
  "process.retry_matching": "retryMatching",
  "process.cancel_matching": "cancelMatching",
  "process.remove_matching": "removeMatching",
  "process.explain": "explain",
  "failure.list": "getFailures",
  "attribute.set": "setAttribute",
  "attribute.list": "getAttributes",
  "log.add": "addLog",
  "log.list": "getLogs",
  "log.subscribe": "subscribeLogs",
  subscribe: "subscribe",
  watch: "watch",
  "activity.subscribe": "subscribeActivity",
  "stats.get": "getStats",
  "stats.history": "getStatsHistory",
  "stats.subscribe": "subscribeStats",
  "subscription.cancel": "subscribe"
  // by closing what it returns
});
var Colonies = class extends Work {
  /**
   * @param {string | readonly string[]} [address] http://…, https://…, ws://… or wss://… of a broker, or a list of
   *   them, which each client goes through in an order of its own; a page that a broker serves may leave it out
   * @param {ClientOptions} [options]
   */
  constructor(address, options) {
    super(address, options);
    this.caller.connection.status.listeners.add(() => this.dispatchEvent(new Event("statechange")));
  }
  /** How the connection stands: idle, connecting, open, waiting (lost, tried again by itself) or closed. @returns {ConnectionState} */
  get state() {
    return this.caller.connection.status.state;
  }
  /** Why it is not open, in words; empty when it is. */
  get trouble() {
    return this.caller.connection.status.trouble;
  }
  /** The id of the client's key: who it is. Empty without a key. */
  get id() {
    return this.caller.id;
  }
  /** Doubt the connection: ask the broker for a sign of life, and connect anew if none comes. With none, try now. */
  check() {
    this.caller.connection.check();
  }
  /** Close the client: what it still waits for throws Closed. Processes are closed by `closeProcess`. */
  close() {
    return this.caller.connection.close();
  }
  // — events —
  /**
   * Hear of every process of this type that enters a state: `for await (const process of client.subscribe("lamp"))`.
   * @param {string} executortype
   * @param {SubscribeOptions} [options] state: waiting, unless given. timeout: seconds until it ends; 0: not before it
   *   is closed. wake: "one" makes it a member of a group of which each waiting process wakes one.
   * @returns {Subscription}
   */
  subscribe(executortype, { state = State.WAITING, timeout = 0, wake = "all", ...options } = {}) {
    return this.caller.subscription(
      "subscribe",
      { executortype, state, timeout, wake },
      { ...options, seconds: timeout }
    );
  }
  /**
   * Hear when one process enters one of these states, or is in one; none given: when it is over.
   * @param {string} processid
   * @param {Options & { states?: number[], timeout?: number }} [options]
   * @returns {Subscription}
   */
  watch(processid, { states = [], timeout = 0, ...options } = {}) {
    return this.caller.subscription("watch", { processid, states, timeout }, { ...options, seconds: timeout });
  }
  /**
   * Follow the figures of `getStats`: at once, whenever they change, and every 5 s even when they do not.
   *
   * Only the newest are kept for whoever has not read them.
   * @param {Options & { interval?: number }} [options] interval: seconds between two at least, 0.25 … 60
   * @returns {Feed<Stats>}
   */
  subscribeStats({ interval = 1, ...options } = {}) {
    return this.caller.feed("stats.subscribe", { interval }, options, { newestOnly: true });
  }
  /**
   * Hear in brief of every change of every process of the colony, several times a second. For users and the owner.
   *
   * What happens while the connection is lost is not told later.
   * @param {Options} [options]
   * @returns {Feed<Activities>}
   */
  subscribeActivity(options = {}) {
    return this.caller.feed("activity.subscribe", {}, options);
  }
  /**
   * Hear that there are new lines in the log of a process; fetch them with `getLogs`.
   *
   * It tells the seq of the newest line; 0 each time it was made, at first and after a reconnect, when there may be some.
   * @param {string} processid
   * @param {Options} [options]
   * @returns {Feed<LogLine>}
   */
  subscribeLogs(processid, options = {}) {
    return this.caller.feed("log.subscribe", { processid }, options, {
      newestOnly: true,
      first: { processid, seq: 0 }
    });
  }
  /**
   * Call `callback` with every process of this type that enters `state`: `subscribe` as the guide writes it.
   *
   * It never resolves: it throws SubscriptionEnded when the time is up or the connection went. Then subscribe again.
   * @param {string} executortype
   * @param {number} timeout seconds; 0: until the connection goes
   * @param {number} state
   * @param {Key | null} prvkey
   * @param {(process: Process) => unknown} callback a promise that it returns is awaited before the next call
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<never>}
   */
  async subscribeProcesses(executortype, timeout, state, prvkey, callback, { signal } = {}) {
    const params = { executortype, state, timeout };
    const made = this.caller.subscription("subscribe", params, { prvkey, signal, seconds: timeout, lasts: false });
    try {
      await made.made;
      for (; ; ) await callback((await made.nextEvent()).process);
    } finally {
      made.close();
    }
  }
};

// src/functions.js
var MAX_ERROR_CHARACTERS = 8192;
var MAX_UNANSWERED = 256;
var Failed = class extends Error {
  name = "Failed";
  /**
   * @param {string | string[]} errors
   * @param {{ out?: any[] }} [options]
   */
  constructor(errors, { out = [] } = {}) {
    super([errors].flat().join("; "));
    this.errors = [errors].flat();
    this.out = out;
  }
};
async function outcomeOf(call, context) {
  try {
    return { successful: true, out: outOf(await call(context.process.spec.args, context)), errors: [] };
  } catch (error) {
    if (error instanceof Failed) return { successful: false, out: error.out, errors: error.errors };
    return { successful: false, out: [], errors: [inWords2(error)] };
  }
}
function outOf(returned) {
  if (returned === void 0) return [];
  return Array.isArray(returned) ? returned : [returned];
}
function inWords2(error) {
  try {
    return told(error).trim().slice(0, MAX_ERROR_CHARACTERS);
  } catch {
    return "it threw what cannot be put into words";
  }
}
function told(error) {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? "";
  return stack.includes(error.message) ? stack : `${error.name}: ${error.message}
${stack}`;
}
var Sayings = class {
  /** @type {Set<Promise<void>>} */
  #unanswered = /* @__PURE__ */ new Set();
  #caller;
  #signer;
  #processid;
  /**
   * @param {Caller} caller
   * @param {Signer} signer
   * @param {string} processid
   */
  constructor(caller, signer, processid) {
    this.#caller = caller;
    this.#signer = signer;
    this.#processid = processid;
  }
  /** @param {string} message */
  log(message) {
    return this.#say("log.add", { message: String(message) });
  }
  /**
   * @param {string} key
   * @param {any} value
   * @param {{ kind?: AttributeKind }} [options]
   */
  setAttribute(key, value, { kind = "out" } = {}) {
    return this.#say("attribute.set", { key, value, kind });
  }
  /**
   * @param {string} method
   * @param {Record<string, unknown>} params
   */
  #say(method, params) {
    if (this.#unanswered.size >= MAX_UNANSWERED) {
      throw new Overloaded(`${MAX_UNANSWERED} calls are unanswered; \`await\` what \`log\` and the like return`);
    }
    const said = this.#caller.ask(method, { processid: this.#processid, ...params }, { prvkey: this.#signer });
    this.#unanswered.add(said);
    said.catch((error) => console.warn(`something said about process ${this.#processid} was refused: ${error.message}`)).finally(() => this.#unanswered.delete(said));
    return said;
  }
  /** Wait until all that was said is answered: after the close it would be refused. */
  async settled() {
    await Promise.allSettled(this.#unanswered);
  }
};

// src/pagekey.js
var DATABASE = "colonies";
var STORE = "keys";
async function pageKey(name = "default") {
  const made = hasPlace() ? await madePair() : null;
  if (!made) return keptIdentity(name) ?? madeIdentity(name);
  const pair = await inStore("readwrite", async (store) => {
    const kept = await settled(store.get(name));
    if (!kept) await settled(store.add(made, name));
    return kept ?? made;
  });
  return signerOfPair(pair);
}
async function keepKey(name, privateKey) {
  const pair = hasPlace() ? await broughtPair(privateKey) : null;
  if (!pair) {
    throw new Error(
      "this browser cannot keep a key that nothing can read out: it has no Ed25519 in WebCrypto, or the page did not come over https or from localhost"
    );
  }
  await inStore("readwrite", (store) => settled(store.put(pair, name)));
  return signerOfPair(pair);
}
async function keptKey(name = "default") {
  const pair = hasPlace() ? await inStore("readonly", (store) => settled(store.get(name))) : null;
  return pair ? signerOfPair(pair) : keptIdentity(name);
}
async function forgetKey(name = "default") {
  if (hasPlace()) await inStore("readwrite", (store) => settled(store.delete(name)));
  globalThis.localStorage?.removeItem(placeOf(name));
}
function hasPlace() {
  return Boolean(globalThis.crypto?.subtle && globalThis.indexedDB);
}
async function madePair() {
  try {
    return (
      /** @type {CryptoKeyPair} */
      await crypto.subtle.generateKey("Ed25519", false, ["sign", "verify"])
    );
  } catch {
    return null;
  }
}
async function broughtPair(written) {
  const privateKey = await importKey(seedOf(written));
  if (!privateKey) return null;
  const id = (
    /** @type {BufferSource} */
    bytesOfHex(new Identity(written).id)
  );
  return { privateKey, publicKey: await crypto.subtle.importKey("raw", id, "Ed25519", true, ["verify"]) };
}
async function signerOfPair({ privateKey, publicKey }) {
  const id = hexOfBytes(new Uint8Array(await crypto.subtle.exportKey("raw", publicKey)));
  return { id, sign: (message) => signWith(privateKey, message) };
}
async function inStore(mode, work) {
  const database = await settled(openDatabase());
  try {
    return await work(database.transaction(STORE, mode).objectStore(STORE));
  } finally {
    database.close();
  }
}
function openDatabase() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(STORE);
  return request;
}
function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
function placeOf(name) {
  return `${DATABASE}.${name}`;
}
function keptIdentity(name) {
  const kept = globalThis.localStorage?.getItem(placeOf(name));
  return kept ? new Identity(kept) : null;
}
function madeIdentity(name) {
  const made = Identity.generate();
  localStorage.setItem(placeOf(name), made.privateKey);
  return made;
}

// src/thread_browser.js
function startThread(url, listener) {
  const worker = new Worker(url, { type: "module" });
  worker.onmessage = ({ data }) => listener.message(data);
  worker.onmessageerror = () => listener.broken("a message could not be read");
  worker.onerror = (event) => {
    event.preventDefault();
    listener.broken(event.message || "its module could not be loaded");
  };
  return { post: (message) => worker.postMessage(message), end: () => worker.terminate() };
}
function listenInside(hear) {
  globalThis.addEventListener("message", ({ data }) => hear(data));
  return (message) => globalThis.postMessage(message);
}

// src/serve_functions.js
function serveFunctions(functions) {
  const inside = new Inside(functions);
  inside.post = listenInside((message) => inside.hear(message));
  inside.post({ kind: "functions", names: Object.keys(functions) });
}
var Inside = class {
  /** @type {(message: unknown) => void} */
  post = () => {
  };
  #unwanted = new AbortController();
  #lastSaid = 0;
  /** @type {Map<number, (refused?: string) => void>} */
  #unanswered = /* @__PURE__ */ new Map();
  #functions;
  /** @param {Record<string, WorkFunction>} functions */
  constructor(functions) {
    this.#functions = functions;
  }
  /** @param {any} message */
  hear(message) {
    if (message.kind === "run") void this.#run(message.run, message.process);
    else if (message.kind === "unwanted") this.#unwanted.abort(new Error("the work is no longer wanted"));
    else if (message.kind === "said") this.#unanswered.get(message.id)?.(message.refused);
  }
  /** @param {number} run @param {Process} process */
  async #run(run, process) {
    this.#unwanted = new AbortController();
    const outcome = await outcomeOf(this.#functions[process.spec.func], this.#context(run, process));
    try {
      this.post({ kind: "outcome", run, outcome });
    } catch (error) {
      const errors = [`the result was refused: ${error instanceof Error ? error.message : error}`];
      this.post({ kind: "outcome", run, outcome: { successful: false, out: [], errors } });
    }
  }
  /**
   * @param {number} run
   * @param {Process} process
   * @returns {WorkContext}
   */
  #context(run, process) {
    return {
      process,
      kwargs: process.spec.kwargs,
      env: process.spec.env,
      signal: this.#unwanted.signal,
      log: (message) => this.#say(run, "log", [String(message)]),
      setAttribute: (key, value, options) => this.#say(run, "setAttribute", [key, value, options])
    };
  }
  /**
   * @param {number} run
   * @param {string} what
   * @param {unknown[]} args
   * @returns {Promise<void>}
   */
  #say(run, what, args) {
    const id = ++this.#lastSaid;
    const said = new Promise((resolve, reject) => {
      this.#unanswered.set(id, (refused) => {
        this.#unanswered.delete(id);
        if (refused === void 0) resolve(void 0);
        else reject(new Error(refused));
      });
      this.post({ kind: "say", run, id, what, args });
    });
    said.catch(() => {
    });
    return (
      /** @type {Promise<void>} */
      said
    );
  }
};

// src/piece.js
var LEAVE_BEHIND_SECONDS = 5;
var LONGEST_TIMER_MILLISECONDS = 2 ** 31 - 1;
var Piece = class {
  goesBack = false;
  #unwanted = new AbortController();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #leaving;
  #sayings;
  /**
   * @param {Process} process
   * @param {Caller} caller
   * @param {Signer} signer
   */
  constructor(process, caller, signer) {
    this.process = process;
    this.#sayings = new Sayings(caller, signer, process.processid);
  }
  /** The broker has moved it on. */
  revoke() {
    this.#unwanted.abort(new Error("the process was cancelled, or is not this worker's any more"));
  }
  /** The worker stops before it has ended. */
  giveBack() {
    this.goesBack = true;
    this.#unwanted.abort(new Error("the worker stops"));
  }
  /**
   * Run it. Null when there is nothing to close.
   * @param {(context: WorkContext) => Promise<Outcome>} outcomeOf
   * @returns {Promise<Outcome | null>}
   */
  async work(outcomeOf2) {
    if (this.#unwanted.signal.aborted) return null;
    const timer = this.#startDeadline();
    try {
      const outcome = await Promise.race([this.#run(outcomeOf2), this.#leftBehind()]);
      return this.#unwanted.signal.aborted ? null : outcome;
    } finally {
      clearTimeout(timer);
      clearTimeout(this.#leaving);
    }
  }
  /** @param {(context: WorkContext) => Promise<Outcome>} outcomeOf */
  async #run(outcomeOf2) {
    const outcome = await outcomeOf2(this.#context());
    if (!this.#unwanted.signal.aborted) await this.#sayings.settled();
    return outcome;
  }
  /** @returns {WorkContext} */
  #context() {
    const { spec } = this.process;
    return {
      process: this.process,
      kwargs: spec.kwargs,
      env: spec.env,
      signal: this.#unwanted.signal,
      log: (message) => this.#sayings.log(message),
      setAttribute: (key, value, options) => this.#sayings.setAttribute(key, value, options)
    };
  }
  #startDeadline() {
    const { execdeadline, starttime } = this.process;
    const milliseconds = execdeadline - starttime;
    if (!execdeadline || milliseconds > LONGEST_TIMER_MILLISECONDS) return void 0;
    return setTimeout(() => this.#unwanted.abort(new Error("its time is up")), milliseconds);
  }
  /** @returns {Promise<null>} */
  #leftBehind() {
    return new Promise((resolve) => {
      const { signal } = this.#unwanted;
      const leave = () => this.#leaving = setTimeout(() => resolve(null), LEAVE_BEHIND_SECONDS * 1e3);
      signal.addEventListener("abort", leave, { once: true });
    });
  }
};

// src/shift.js
var ASSIGN_SECONDS = 30;
var LAST_CLOSES_SECONDS = 5;
var KEPT_REVOKED = 256;
var TOO_LATE = ["deadline_passed", "not_assigned_to_you", "wrong_state", "not_found"];
var UNUSABLE = ["bad_request", "too_large"];
var Shift = class {
  /** @type {Map<string, Piece>} */
  #pieces = /* @__PURE__ */ new Map();
  /** @type {Set<Promise<void>>} */
  #closing = /* @__PURE__ */ new Set();
  // A cancel may be heard before its slot has even seen the process.
  /** @type {string[]} */
  #revoked = [];
  /** Why this key may not work here, once a broker has said so. @type {unknown} */
  #failure = null;
  #caller;
  #signer;
  #outcomeOf;
  /**
   * @param {Caller} caller
   * @param {Signer} signer
   * @param {(context: WorkContext) => Promise<Outcome>} outcomeOf
   */
  constructor(caller, signer, outcomeOf2) {
    this.#caller = caller;
    this.#signer = signer;
    this.#outcomeOf = outcomeOf2;
  }
  /**
   * Work until told to stop, and see everything through.
   * @param {{ concurrency: number, graceSeconds: number, stopping: AbortController }} options
   */
  async work({ concurrency, graceSeconds, stopping }) {
    const revoke = (processid, attempt) => this.#revoke(processid, attempt);
    const letGo = () => this.#letGo();
    const { cancelledListeners, closingListeners } = this.#caller.connection;
    cancelledListeners.add(revoke);
    closingListeners.add(letGo);
    try {
      const slots = Promise.all(Array.from({ length: concurrency }, () => this.#slot(stopping)));
      await Promise.race([slots, aborted(stopping.signal)]);
      await this.#end(slots, graceSeconds);
    } finally {
      cancelledListeners.delete(revoke);
      closingListeners.delete(letGo);
    }
    if (this.#failure) throw this.#failure;
  }
  /**
   * @param {string} processid
   * @param {number} attempt
   */
  #revoke(processid, attempt) {
    const key = `${processid} ${attempt}`;
    this.#revoked.push(key);
    if (this.#revoked.length > KEPT_REVOKED) this.#revoked.shift();
    this.#pieces.get(key)?.revoke();
  }
  /** The client closes, and nothing could be closed any more: hand back all that is worked on. */
  #letGo() {
    for (const piece of this.#pieces.values()) {
      this.#handBack(piece.process);
      piece.revoke();
    }
  }
  /** Run one process after the other. A close and the assign that follows it leave in one frame. @param {AbortController} stopping */
  async #slot(stopping) {
    for (let process; process = await this.#nextProcess(stopping); ) {
      const outcome = await this.#work(process);
      if (outcome) this.#close(process, outcome);
    }
  }
  /**
   * Let what runs finish, hand back what does not, and see the last closes through.
   * @param {Promise<unknown>} slots
   * @param {number} graceSeconds
   */
  async #end(slots, graceSeconds) {
    await within(graceSeconds, slots);
    for (const piece of this.#pieces.values()) piece.giveBack();
    await slots;
    await within(LAST_CLOSES_SECONDS, Promise.all(this.#closing));
  }
  // — taking —
  /**
   * The next process; null once the worker stops. What is assigned in that moment is handed back.
   * @param {AbortController} stopping
   * @returns {Promise<Process | null>}
   */
  async #nextProcess(stopping) {
    let failures = 0;
    while (!stopping.signal.aborted) {
      try {
        const process = await this.#beginAssign().wait(stopping.signal);
        if (!stopping.signal.aborted) return process;
        this.#handBack(process);
      } catch (error) {
        if (stopping.signal.aborted) break;
        if (error instanceof ColoniesError && error.code === "nothing_to_assign") {
          failures = 0;
        } else if (mayPass(error)) {
          if (failures++ === 0) console.warn(`no process could be assigned, trying on: ${error.message}`);
          await pause(fullJitter(failures + 2), stopping.signal);
        } else {
          this.#failure = error;
          stopping.abort();
        }
      }
    }
    return null;
  }
  #beginAssign() {
    const params = { timeout: ASSIGN_SECONDS, claimid: newClaimid() };
    return this.#caller.begin("process.assign", params, this.#signer, ASSIGN_SECONDS);
  }
  // — working —
  /**
   * Run the function to its end. Null when there is nothing to close: revoked, out of time, or handed back.
   * @param {Process} process
   * @returns {Promise<Outcome | null>}
   */
  async #work(process) {
    const key = `${process.processid} ${process.attempt}`;
    const piece = new Piece(process, this.#caller, this.#signer);
    this.#pieces.set(key, piece);
    if (this.#revoked.includes(key)) piece.revoke();
    try {
      return await piece.work(this.#outcomeOf);
    } finally {
      this.#pieces.delete(key);
      if (piece.goesBack) this.#handBack(process);
    }
  }
  /** Say it as a last word: it is said even while the client closes. @param {Process} process */
  #handBack(process) {
    try {
      const asked = new Asked("process.hand_back", named(process), this.#signer, { isLastWord: true });
      this.#caller.connection.say(asked);
    } catch (error) {
      if (!(error instanceof ColoniesError)) throw error;
    }
  }
  // — closing —
  /**
   * Ask for the close now, in this very turn, and see to its answer beside the next process.
   * @param {Process} process
   * @param {Outcome} outcome
   */
  #close(process, outcome) {
    const closing = this.#seeClosed(process, outcome);
    this.#closing.add(closing);
    void closing.finally(() => this.#closing.delete(closing));
  }
  /**
   * @param {Process} process
   * @param {Outcome} outcome
   * @returns {Answer}
   */
  #beginClose(process, outcome) {
    return this.#caller.begin("process.close", { ...named(process), ...outcome }, this.#signer);
  }
  /**
   * Repeat the close until it is answered: a repeat is safe, and its deadline ends it at last.
   * @param {Process} process
   * @param {Outcome} outcome
   */
  async #seeClosed(process, outcome) {
    for (let failures = 1, wasUnusable = false; ; failures++) {
      try {
        await this.#beginClose(process, outcome).wait();
        return;
      } catch (error) {
        const isUnusable = !(error instanceof ColoniesError) || UNUSABLE.includes(error.code);
        if (isUnusable && !wasUnusable) {
          wasUnusable = true;
          outcome = { successful: false, out: [], errors: [`the result was refused: ${inWords2(error)}`] };
        } else if (error instanceof ColoniesError && error.retry) {
          await pause(fullJitter(failures));
        } else {
          const isTooLate = error instanceof ColoniesError && TOO_LATE.includes(error.code);
          if (!isTooLate) console.warn(`a close was refused: ${inWords2(error)}`);
          return;
        }
      }
    }
  }
};
function mayPass(error) {
  return error instanceof ColoniesError && (error.retry || error.code === "not_approved");
}
function aborted(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(void 0);
    signal.addEventListener("abort", resolve, { once: true });
  });
}
async function pause(seconds, signal) {
  const bell = new Bell();
  const ring = () => bell.ring();
  signal?.addEventListener("abort", ring);
  await bell.wait(seconds);
  signal?.removeEventListener("abort", ring);
}
async function within(seconds, promise) {
  const bell = new Bell();
  void promise.finally(() => bell.ring());
  await bell.wait(seconds);
}

// src/threads.js
var END_SECONDS = 1;
var LOAD_SECONDS = 30;
var Threads = class {
  /** The functions that the module serves; known once `ready` has returned. @type {string[]} */
  names = [];
  /** @type {Thread[]} */
  #idle = [];
  /** @type {Set<Thread>} */
  #all = /* @__PURE__ */ new Set();
  #url;
  /** @param {string | URL} url */
  constructor(url) {
    this.#url = url;
  }
  /** Load the module once, to learn what it serves. Throws when it cannot be loaded. */
  async ready() {
    const thread = this.#newThread();
    const late = setTimeout(
      () => thread.break(`it has not called serveFunctions in ${LOAD_SECONDS} s`),
      LOAD_SECONDS * 1e3
    );
    try {
      this.names = await thread.loaded;
    } finally {
      clearTimeout(late);
    }
    this.#idle.push(thread);
  }
  #freeThread() {
    for (let thread; thread = this.#idle.pop(); ) {
      if (thread.isUsable) return thread;
      this.#all.delete(thread);
    }
    return this.#newThread();
  }
  #newThread() {
    const thread = new Thread(this.#url);
    this.#all.add(thread);
    return thread;
  }
  /**
   * Have a thread run it.
   * @param {WorkContext} context
   * @returns {Promise<Outcome>}
   */
  outcomeOf(context) {
    return outcomeOf(async () => {
      const thread = this.#freeThread();
      try {
        return await thread.run(context);
      } finally {
        if (thread.isUsable) this.#idle.push(thread);
        else this.#all.delete(thread);
      }
    }, context);
  }
  end() {
    for (const thread of this.#all) thread.end();
    this.#all.clear();
    this.#idle = [];
  }
};
var Thread = class {
  isUsable = true;
  #url;
  /** @type {Port} */
  #port;
  /** @type {{ run: number, context: WorkContext, resolve: (out: any) => void, reject: (error: Error) => void } | null} */
  #current = null;
  #lastRun = 0;
  /** @type {(names: string[]) => void} */
  #sayLoaded = () => {
  };
  /** @type {(error: Error) => void} */
  #sayBroken = () => {
  };
  /** @type {Promise<string[]>} */
  loaded = new Promise((resolve, reject) => {
    this.#sayLoaded = resolve;
    this.#sayBroken = reject;
  });
  /** @param {string | URL} url */
  constructor(url) {
    this.#url = url;
    this.loaded.catch(() => {
    });
    this.#port = startThread(url, {
      message: (message) => this.#hear(message),
      broken: (words) => this.break(words)
    });
  }
  /**
   * @param {WorkContext} context
   * @returns {Promise<any[]>}
   */
  async run(context) {
    const { signal, process } = context;
    const run = ++this.#lastRun;
    const unwanted = () => this.#post({ kind: "unwanted" });
    let timer;
    const onAbort = () => {
      unwanted();
      clearTimeout(timer);
      timer = setTimeout(() => this.break("it did not end when it was no longer wanted"), END_SECONDS * 1e3);
    };
    const ended = new Promise((resolve, reject) => this.#current = { run, context, resolve, reject });
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await Promise.race([this.loaded, ended]);
      this.#post({ kind: "run", run, process });
      if (signal.aborted) onAbort();
      return await ended;
    } finally {
      this.#current = null;
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    }
  }
  /** @param {unknown} message */
  #post(message) {
    if (this.isUsable) this.#port.post(message);
  }
  /** @param {any} message */
  #hear(message) {
    if (message?.kind === "functions") return this.#sayLoaded(message.names);
    const current = this.#current?.run === message?.run ? this.#current : null;
    if (message?.kind === "say") void this.#say(current?.context, message);
    else if (message?.kind === "outcome" && current) settle(message.outcome, current);
  }
  /**
   * @param {WorkContext | undefined} context
   * @param {{ id: number, what: "log" | "setAttribute", args: [any, any, any] }} message
   */
  async #say(context, { id, what, args }) {
    try {
      if (!context) throw new Error("its function has ended");
      await (what === "log" ? context.log(args[0]) : context.setAttribute(...args));
      this.#post({ kind: "said", id });
    } catch (error) {
      this.#post({ kind: "said", id, refused: inWords2(error) });
    }
  }
  /** End it, and with it what it is doing. @param {string} why */
  break(why) {
    const told2 = `the thread of ${this.#url} broke: ${why}`;
    this.end();
    this.#sayBroken(new Error(told2));
    this.#current?.reject(new Failed(told2));
  }
  end() {
    this.isUsable = false;
    this.#port.end();
  }
};
function settle({ successful, out, errors }, { resolve, reject }) {
  if (successful) resolve(out);
  else reject(new Failed(errors, { out }));
}

// src/worker.js
var Worker2 = class {
  /** @type {Map<string, WorkFunction>} */
  #functions = /* @__PURE__ */ new Map();
  /** @type {((context: WorkContext) => any) | null} */
  #fallback = null;
  /** @type {Threads | null} */
  #threads = null;
  #stopping = new AbortController();
  #client;
  #isOwnClient;
  #options;
  /**
   * Works for one executor, once, from `run` until `stop`.
   * @param {Colonies | string | readonly string[]} client a client, or the address of a broker
   * @param {WorkerOptions} [options]
   */
  constructor(client, { key, concurrency = 1, graceSeconds = 30, signal } = {}) {
    this.#isOwnClient = !(client instanceof Colonies);
    this.#client = client instanceof Colonies ? client : new Colonies(client, { key });
    this.#options = { key, concurrency, graceSeconds };
    if (signal?.aborted) this.stop();
    signal?.addEventListener("abort", () => this.stop(), { once: true });
  }
  /**
   * Register a function: `worker.function("set_lamp", ([state]) => show(state))`.
   * @param {string} name
   * @param {WorkFunction} call called with the spec's args, as one array, and the context; see `WorkFunction`
   */
  function(name, call) {
    this.#functions.set(name, call);
    return this;
  }
  /**
   * Register what is called, with the context, for every func without a function of its own.
   * @param {(context: WorkContext) => any} call
   */
  fallback(call) {
    this.#fallback = call;
    return this;
  }
  /**
   * Run the functions of a module in Web Workers (in Node.js: worker threads), one for each process that runs at
   * a time. There they may take as long as they like: neither the page nor the connection waits for them. One
   * that does not end when it is no longer wanted is ended.
   * @param {string | URL} url of a module that calls `serveFunctions`; of this page's origin
   */
  functionsIn(url) {
    this.#threads = new Threads(url);
    return this;
  }
  // — its life —
  /**
   * Work until `stop`. Throws what says that this key may not work here, or that the module of `functionsIn` cannot
   * be loaded; nothing else ends it.
   */
  async run() {
    const { key, concurrency, graceSeconds } = this.#options;
    try {
      await this.#threads?.ready();
      const caller = this.#client.caller;
      const shift = new Shift(caller, caller.signerFor(key), (context) => this.#outcomeOf(context));
      await shift.work({ concurrency, graceSeconds, stopping: this.#stopping });
    } finally {
      this.#threads?.end();
      if (this.#isOwnClient) await this.#client.close();
    }
  }
  /** Take nothing new, let what runs finish, and then return from `run`. */
  stop() {
    this.#stopping.abort();
  }
  /**
   * @param {WorkContext} context
   * @returns {Promise<Outcome>}
   */
  async #outcomeOf(context) {
    const { func } = context.process.spec;
    const own = this.#functions.get(func);
    if (own) return outcomeOf(own, context);
    if (this.#threads?.names.includes(func)) return this.#threads.outcomeOf(context);
    const fallback = this.#fallback;
    if (fallback) return outcomeOf((_args, given) => fallback(given), context);
    const known = [...this.#functions.keys(), ...this.#threads?.names ?? []].sort().join(", ") || "none";
    return { successful: false, out: [], errors: [`this worker has no function "${func}"; it has: ${known}`] };
  }
};
export {
  BadFrame,
  BadRequest,
  BadSignature,
  CloseCode,
  Closed,
  Colonies,
  ColoniesError,
  ConnectionLost,
  DeadlinePassed,
  Draining,
  ExecutorState,
  Exists,
  Failed,
  Feed,
  Forbidden,
  Identity,
  Internal,
  NoAnswer,
  NotApproved,
  NotAssignedToYou,
  NotFound,
  NothingToAssign,
  Overloaded,
  Replayed,
  State,
  Subscription,
  SubscriptionEnded,
  TABLE,
  TooLarge,
  TurnedAway,
  Unavailable,
  UnknownIdentity,
  Unreachable,
  Worker2 as Worker,
  WrongState,
  badRequest,
  errorOf,
  forgetKey,
  isFinal,
  isId,
  keepKey,
  keptKey,
  mayComeBack,
  pageKey,
  serveFunctions
};
/*! Bundled license information:

@noble/ed25519/index.js:
  (*! noble-ed25519 - MIT License (c) 2019 Paul Miller (paulmillr.com) *)
*/
