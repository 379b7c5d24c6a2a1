/**
 * XXH3, the 64-bit hash that DIGEST returns.
 *
 * @see https://github.com/Cyan4973/xxHash/blob/dev/doc/xxhash_spec.md
 *
 * @module
 */

const SECRET = Uint8Array.fromHex(
  "b8fe6c3923a44bbe7c01812cf721ad1cded46de9839097db7240a4a4b7b3671f" +
    "cb79e64eccc0e578825ad07dccff7221b8084674f743248ee03590e6813a264c" +
    "3c2852bb91c300cb88d0658b1b532ea371644897a20df94e3819ef46a9deacd8a8" +
    "fa763fe39c343ff9dcbbc7c70b4f1d8a51e04bcdb45931c89f7ec9d9787364ea" +
    "c5ac8334d3ebc3c581a0fffa1363eb170ddd51b7f0da49d316552629d4689e2b" +
    "16be587d47a1fc8ff8b8d17ad031ce45cb3a8f95160428afd7fbcabb4b407e",
);
const secret = new DataView(SECRET.buffer);

const P32_1 = 0x9e3779b1n;
const P32_2 = 0x85ebca77n;
const P32_3 = 0xc2b2ae3dn;
const P64_1 = 0x9e3779b185ebca87n;
const P64_2 = 0xc2b2ae3d27d4eb4fn;
const P64_3 = 0x165667b19e3779f9n;
const P64_4 = 0x85ebca77c2b2ae63n;
const P64_5 = 0x27d4eb2f165667c5n;

const MASK = 2n ** 64n - 1n;
const LOW = 2n ** 32n - 1n;

/** Bytes of a stripe, and of the part of the secret that goes with it. */
const STRIPE = 64;
/** Stripes per block: each stripe advances the secret by 8 bytes. */
const STRIPES = (SECRET.length - STRIPE) / 8;

/** Hashes `bytes` without a seed. */
export function xxh3(bytes: Uint8Array): bigint {
  const { length } = bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset, length);
  if (length <= 16) return hashShort(view);
  if (length <= 128) return hashTo128(view);
  if (length <= 240) return hashTo240(view);
  return hashLong(view);
}

function at(view: DataView, offset: number): bigint {
  return view.getBigUint64(offset, true);
}

function at32(view: DataView, offset: number): bigint {
  return BigInt(view.getUint32(offset, true));
}

function times(a: bigint, b: bigint): bigint {
  return (a * b) & MASK;
}

/** Multiplies to 128 bits and folds the halves into one. */
function fold(a: bigint, b: bigint): bigint {
  const product = a * b;
  return (product & MASK) ^ (product >> 64n);
}

function avalanche(hash: bigint): bigint {
  const mixed = times(hash ^ (hash >> 37n), 0x165667919e3779f9n);
  return mixed ^ (mixed >> 32n);
}

/** The last step of XXH64. */
function avalanche64(hash: bigint): bigint {
  hash = times(hash ^ (hash >> 33n), P64_2);
  hash = times(hash ^ (hash >> 29n), P64_3);
  return hash ^ (hash >> 32n);
}

function swap(value: bigint): bigint {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, value, true);
  return view.getBigUint64(0, false);
}

function rotate(value: bigint, bits: bigint): bigint {
  return ((value << bits) & MASK) | (value >> (64n - bits));
}

function hashShort(view: DataView): bigint {
  const length = view.byteLength;
  const size = BigInt(length);
  if (length > 8) {
    const low = at(view, 0) ^ at(secret, 24) ^ at(secret, 32);
    const high = at(view, length - 8) ^ at(secret, 40) ^ at(secret, 48);
    return avalanche((size + swap(low) + high + fold(low, high)) & MASK);
  }
  if (length >= 4) {
    const word = at32(view, length - 4) + (at32(view, 0) << 32n);
    let hash = word ^ at(secret, 8) ^ at(secret, 16);
    hash ^= rotate(hash, 49n) ^ rotate(hash, 24n);
    hash = times(hash, 0x9fb21c651e98df25n);
    hash ^= (hash >> 35n) + size;
    hash = times(hash, 0x9fb21c651e98df25n);
    return hash ^ (hash >> 28n);
  }
  if (length === 0) return avalanche64(at(secret, 56) ^ at(secret, 64));
  const word = (BigInt(view.getUint8(0)) << 16n) |
    (BigInt(view.getUint8(length >> 1)) << 24n) |
    BigInt(view.getUint8(length - 1)) | (size << 8n);
  return avalanche64(word ^ at32(secret, 0) ^ at32(secret, 4));
}

function mix16(view: DataView, offset: number, key: number): bigint {
  return fold(
    at(view, offset) ^ at(secret, key),
    at(view, offset + 8) ^ at(secret, key + 8),
  );
}

function hashTo128(view: DataView): bigint {
  const length = view.byteLength;
  let hash = BigInt(length) * P64_1;
  for (let i = (length - 1) >> 5; i >= 0; i--) {
    hash += mix16(view, 16 * i, 32 * i);
    hash += mix16(view, length - 16 * (i + 1), 32 * i + 16);
  }
  return avalanche(hash & MASK);
}

function hashTo240(view: DataView): bigint {
  const length = view.byteLength;
  let hash = BigInt(length) * P64_1;
  for (let i = 0; i < 8; i++) hash += mix16(view, 16 * i, 16 * i);
  hash = avalanche(hash & MASK);
  for (let i = 8; i < length >> 4; i++) {
    hash += mix16(view, 16 * i, 16 * (i - 8) + 3);
  }
  hash += mix16(view, length - 16, 136 - 17);
  return avalanche(hash & MASK);
}

function accumulate(
  sums: BigUint64Array,
  view: DataView,
  offset: number,
  key: number,
): void {
  for (let i = 0; i < 8; i++) {
    const value = at(view, offset + 8 * i);
    const keyed = value ^ at(secret, key + 8 * i);
    sums[i ^ 1]! += value;
    sums[i]! += (keyed & LOW) * (keyed >> 32n);
  }
}

function hashLong(view: DataView): bigint {
  const length = view.byteLength;
  const sums = BigUint64Array.of(
    P32_3,
    P64_1,
    P64_2,
    P64_3,
    P64_4,
    P32_2,
    P64_5,
    P32_1,
  );
  // The last stripe is hashed separately; it may overlap the one before.
  const stripes = Math.floor((length - 1) / STRIPE);
  for (let i = 0; i < stripes; i++) {
    accumulate(sums, view, STRIPE * i, 8 * (i % STRIPES));
    if (i % STRIPES === STRIPES - 1) scramble(sums);
  }
  accumulate(sums, view, length - STRIPE, SECRET.length - STRIPE - 7);
  let hash = BigInt(length) * P64_1;
  for (let i = 0; i < 4; i++) {
    hash += fold(
      sums[2 * i]! ^ at(secret, 11 + 16 * i),
      sums[2 * i + 1]! ^ at(secret, 19 + 16 * i),
    );
  }
  return avalanche(hash & MASK);
}

function scramble(sums: BigUint64Array): void {
  for (let i = 0; i < 8; i++) {
    const key = at(secret, SECRET.length - STRIPE + 8 * i);
    sums[i] = (sums[i]! ^ (sums[i]! >> 47n) ^ key) * P32_1;
  }
}
