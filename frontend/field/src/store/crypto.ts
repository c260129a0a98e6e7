// Encryption on the phone with the browser's own WebCrypto; nothing of ours but the order of steps.
//   device key  AES-256-GCM, cannot be read out of the browser; for operations and photos that wait to go out, so that
//               they go out while the app is locked
//   data key    AES-256-GCM, random; for the pack, drafts and lists; stored only wrapped by the key of the PIN
//   rescue key  the organisation's public key (P-256): whatever waits is also sealed to it, so that a lost PIN or a
//               revoked phone does not lose a visit

/** PBKDF2-SHA-256 rounds for the PIN. */
export const PIN_ROUNDS = 600_000;
const NONCE = 12;

export type Bytes = Uint8Array<ArrayBuffer>;

export interface Sealed {
  iv: Bytes;
  bytes: ArrayBuffer;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();
export const random = (n: number): Bytes => crypto.getRandomValues(new Uint8Array(n));

export const newDeviceKey = (): Promise<CryptoKey> =>
  crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);

const importDataKey = (raw: BufferSource): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", raw, "AES-GCM", false, ["encrypt", "decrypt"]);

export async function seal(key: CryptoKey, bytes: BufferSource): Promise<Sealed> {
  const iv = random(NONCE);
  return { iv, bytes: await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, bytes) };
}

export const open = (key: CryptoKey, sealed: Sealed): Promise<ArrayBuffer> =>
  crypto.subtle.decrypt({ name: "AES-GCM", iv: sealed.iv }, key, sealed.bytes);

export const sealJson = (key: CryptoKey, value: unknown): Promise<Sealed> =>
  seal(key, encoder.encode(JSON.stringify(value)));

export async function openJson<T>(key: CryptoKey, sealed: Sealed): Promise<T> {
  return JSON.parse(decoder.decode(await open(key, sealed))) as T;
}

/** The data key as it is kept: wrapped by what the PIN gives. */
export interface WrappedKey extends Sealed {
  salt: Bytes;
  rounds: number;
}

async function pinKey(pin: string, salt: Bytes, rounds: number): Promise<CryptoKey> {
  const base = await crypto.subtle.importKey("raw", encoder.encode(pin), "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds },
    base,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}

async function wrap(pin: string, raw: Bytes): Promise<WrappedKey> {
  const salt = random(16);
  return { ...(await seal(await pinKey(pin, salt, PIN_ROUNDS), raw)), salt, rounds: PIN_ROUNDS };
}

/** A new data key and its wrapping. */
export async function newDataKey(pin: string): Promise<{ key: CryptoKey; wrapped: WrappedKey }> {
  const raw = random(32);
  const wrapped = await wrap(pin, raw);
  const key = await importDataKey(raw);
  raw.fill(0);
  return { key, wrapped };
}

/** The data key, or null when the PIN is another. */
export async function unwrap(pin: string, wrapped: WrappedKey): Promise<CryptoKey | null> {
  const outer = await pinKey(pin, wrapped.salt, wrapped.rounds);
  try {
    return await importDataKey(await open(outer, wrapped));
  } catch {
    return null;
  }
}

/** The same data key under another PIN, or null when the old one is another. What is sealed stays as it is. */
export async function rewrap(old: string, wrapped: WrappedKey, pin: string): Promise<WrappedKey | null> {
  const outer = await pinKey(old, wrapped.salt, wrapped.rounds);
  const raw = await open(outer, wrapped).then(
    (bytes) => new Uint8Array(bytes),
    () => null,
  );
  if (!raw) return null;
  const next = await wrap(pin, raw);
  raw.fill(0);
  return next;
}

const RESCUE_INFO = encoder.encode("zoufang.rescue.v1");

/** Readable by nobody but the organisation: ephemeral public key ‖ nonce ‖ AES-256-GCM, base64. */
export async function sealToRescue(rescue: JsonWebKey, value: unknown): Promise<string> {
  const curve = { name: "ECDH", namedCurve: "P-256" };
  const { kty, crv, x, y } = rescue;
  const theirs = await crypto.subtle.importKey("jwk", { kty, crv, x, y } as JsonWebKey, curve, false, []);
  const pair = await crypto.subtle.generateKey(curve, false, ["deriveBits"]);
  const shared = await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, pair.privateKey, 256);
  const mine = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const base = await crypto.subtle.importKey("raw", shared, "HKDF", false, ["deriveKey"]);
  const key = await crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(0), info: RESCUE_INFO },
    base,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt"],
  );
  const sealed = await sealJson(key, value);
  const cipher = new Uint8Array(sealed.bytes);
  const out = new Uint8Array(mine.length + NONCE + cipher.length);
  out.set(mine);
  out.set(sealed.iv, mine.length);
  out.set(cipher, mine.length + NONCE);
  return base64(out);
}

export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 0x8000)
    text += String.fromCharCode(...bytes.subarray(i, i + 0x8000));
  return btoa(text);
}

export async function sha256(bytes: BufferSource): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}

export const hex = (bytes: Uint8Array): string =>
  [...bytes].map((b) => b.toString(16).padStart(2, "0")).join("");
