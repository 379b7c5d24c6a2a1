/**
 * Certificates for tests, made here so that no other program is needed.
 *
 * A minimal part of X.509 (RFC 5280): one authority and certificates signed by it.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { join } from "node:path";

/** A certificate and its private key, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** The subject of a certificate. */
export interface Subject {
  readonly commonName: string;
  /** Its host names. */
  readonly dns?: readonly string[];
  /** Its IPv4 addresses. */
  readonly ip?: readonly string[];
}

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 24 * 60 * 60 * 1000;

// Object identifiers, encoded.
const ECDSA_WITH_SHA256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02];
const COMMON_NAME = [0x55, 0x04, 0x03];
const BASIC_CONSTRAINTS = [0x55, 0x1d, 0x13];
const SUBJECT_ALT_NAME = [0x55, 0x1d, 0x11];

/** A certificate authority with a self-signed certificate. */
export class Authority {
  /** Its own certificate, as PEM. */
  readonly cert: string;
  readonly #name: string;
  readonly #keys: CryptoKeyPair;

  private constructor(name: string, keys: CryptoKeyPair, cert: string) {
    this.#name = name;
    this.#keys = keys;
    this.cert = cert;
  }

  /** Makes an authority. */
  static async create(name = "Test authority"): Promise<Authority> {
    const keys = await generateKeys();
    const subject = { commonName: name };
    const cert = await sign(subject, keys.publicKey, name, keys, true);
    return new Authority(name, keys, cert);
  }

  /** Makes a certificate that this authority signs. */
  async issue(subject: Subject): Promise<Certificate> {
    const keys = await generateKeys();
    return {
      cert: await sign(subject, keys.publicKey, this.#name, this.#keys, false),
      key: await exportKey(keys),
    };
  }
}

/**
 * Makes a self-signed certificate; with `authority` it is marked as an authority's,
 * like those of `openssl req -x509`.
 */
export async function selfSigned(
  subject: Subject,
  authority: boolean,
): Promise<Certificate> {
  const keys = await generateKeys();
  const { commonName } = subject;
  return {
    cert: await sign(subject, keys.publicKey, commonName, keys, authority),
    key: await exportKey(keys),
  };
}

/**
 * Writes the files of a server into `directory`, and returns the paths.
 */
export async function writeCertificates(
  directory: string,
  { cert, key }: Certificate,
  ca: string,
): Promise<{ cert: string; key: string; ca: string }> {
  const paths = {
    cert: join(directory, "server.crt"),
    key: join(directory, "server.key"),
    ca: join(directory, "ca.crt"),
  };
  await Deno.writeTextFile(paths.cert, cert);
  await Deno.writeTextFile(paths.key, key);
  await Deno.writeTextFile(paths.ca, ca);
  return paths;
}

async function generateKeys(): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

async function exportKey({ privateKey }: CryptoKeyPair): Promise<string> {
  const key = await crypto.subtle.exportKey("pkcs8", privateKey);
  return pem("PRIVATE KEY", new Uint8Array(key));
}

async function sign(
  subject: Subject,
  publicKey: CryptoKey,
  issuer: string,
  { privateKey }: CryptoKeyPair,
  authority: boolean,
): Promise<string> {
  const algorithm = sequence(tag(0x06, ECDSA_WITH_SHA256));
  const names = [
    ...(subject.dns ?? []).map((name) => tag(0x82, ascii(name))),
    ...(subject.ip ?? []).map((ip) => tag(0x87, ip.split(".").map(Number))),
  ];
  const extensions = [
    extension(
      BASIC_CONSTRAINTS,
      sequence(...authority ? [tag(0x01, [0xff])] : []),
    ),
  ];
  if (names.length > 0) {
    extensions.push(extension(SUBJECT_ALT_NAME, sequence(...names)));
  }
  const content = sequence(
    tag(0xa0, integer([2])),
    integer(crypto.getRandomValues(new Uint8Array(8))),
    algorithm,
    distinguished(issuer),
    sequence(utcTime(Date.now() - DAY), utcTime(Date.now() + DAY)),
    distinguished(subject.commonName),
    new Uint8Array(await crypto.subtle.exportKey("spki", publicKey)),
    tag(0xa3, sequence(...extensions)),
  );
  const raw = new Uint8Array(
    await crypto.subtle.sign(ALGORITHM, privateKey, content),
  );
  const signature = sequence(
    integer(raw.subarray(0, 32)),
    integer(raw.subarray(32)),
  );
  return pem(
    "CERTIFICATE",
    sequence(content, algorithm, tag(0x03, [0, ...signature])),
  );
}

function distinguished(commonName: string): Uint8Array<ArrayBuffer> {
  const value = tag(0x0c, ascii(commonName));
  return sequence(tag(0x31, sequence(tag(0x06, COMMON_NAME), value)));
}

function extension(
  id: number[],
  value: Uint8Array,
): Uint8Array<ArrayBuffer> {
  return sequence(tag(0x06, id), tag(0x04, value));
}

function utcTime(time: number): Uint8Array<ArrayBuffer> {
  // 20260131T120000 -> 260131120000Z
  const digits = new Date(time).toISOString().replace(/\D/g, "");
  return tag(0x17, ascii(`${digits.slice(2, 14)}Z`));
}

/** A positive DER integer: no leading zeros, except one that keeps it positive. */
function integer(bytes: ArrayLike<number>): Uint8Array<ArrayBuffer> {
  const digits = Array.from(bytes);
  while (digits.length > 1 && digits[0] === 0) digits.shift();
  return tag(0x02, digits[0]! > 0x7f ? [0, ...digits] : digits);
}

function sequence(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  return tag(0x30, parts.flatMap((part) => Array.from(part)));
}

/** A DER value: its tag, its length, its content. */
function tag(
  type: number,
  content: ArrayLike<number>,
): Uint8Array<ArrayBuffer> {
  const { length } = content;
  const header = length < 0x80
    ? [type, length]
    : length < 0x100
    ? [type, 0x81, length]
    : [type, 0x82, length >> 8, length & 0xff];
  return Uint8Array.from([...header, ...Array.from(content)]);
}

function ascii(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function pem(label: string, der: Uint8Array): string {
  const lines = Buffer.from(der).toString("base64").match(/.{1,64}/g)!;
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ""]
    .join("\n");
}
