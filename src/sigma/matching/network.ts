import ipaddr from 'ipaddr.js';
import type { NetworkValue } from '../language/ast.ts';

/**
 * Reads a network of a rule: `10.0.0.0/8`, `2001:db8::/32`, or a bare address (a network of one). A v4-mapped v6
 * network is its v4 network. Returns the reason instead where the text is none.
 */
export function parseNetwork(text: string): NetworkValue | string {
  const [, host = '', prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const bytes = addressBytes(host);
  if (bytes === null) return `'${text}' is not an IPv4 or IPv6 network`;
  const mapped = bytes.length === 4 && host.includes(':');
  const width = mapped ? 128 : bytes.length * 8;
  const given = prefix === undefined ? width : Number(prefix);
  const bits = mapped ? given - 96 : given;
  if (given > width || bits < 0) return `'${text}' has no valid prefix length`;
  if (!hostBitsAreZero(bytes, bits)) return `'${text}' has host bits set; write the network's first address`;
  return { kind: 'network', address: bytes, bits };
}

/** True if the text is an address inside the network; brackets, ports and zones are ignored, families must agree. */
export function compileNetwork(network: NetworkValue): (text: string) => boolean {
  if (network.address.length === 4) {
    const wanted = toWord(network.address);
    const shift = 32 - network.bits;
    return (text) => {
      const bytes = clientAddressBytes(text);
      if (bytes?.length !== 4) return false;
      return shift === 32 || toWord(bytes) >>> shift === wanted >>> shift;
    };
  }
  return (text) => {
    const bytes = clientAddressBytes(text);
    return bytes?.length === 16 && samePrefix(bytes, network.address, network.bits);
  };
}

/** M365 audit records write client addresses as `10.0.0.1:443`, `[::1]:443` and `::ffff:10.0.0.1`. */
function clientAddressBytes(text: string): readonly number[] | null {
  if (text.length > 64) return null;
  const bracketed = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(text);
  if (bracketed) return addressBytes(bracketed[1] ?? '');
  const withPort = /^([\d.]+):\d{1,5}$/.exec(text);
  return addressBytes(withPort?.[1] ?? text);
}

/** 4 or 16 bytes; a v4-mapped address gives 4; null for anything else (no short, octal or hexadecimal v4 forms). */
function addressBytes(text: string): readonly number[] | null {
  if (!text.includes(':')) return v4Bytes(text);
  const zone = text.indexOf('%');
  const bare = zone < 0 ? text : text.slice(0, zone);
  if (!ipaddr.IPv6.isValid(bare)) return null;
  const bytes = ipaddr.IPv6.parse(bare).toByteArray();
  const mapped = bytes.slice(0, 10).every((b) => b === 0) && bytes[10] === 255 && bytes[11] === 255;
  return mapped ? bytes.slice(12) : bytes;
}

function v4Bytes(text: string): readonly number[] | null {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text);
  if (match === null) return null;
  const bytes = match.slice(1).map(Number);
  return bytes.every((b) => b <= 255) ? bytes : null;
}

function toWord(bytes: readonly number[]): number {
  return bytes.reduce((word, byte) => ((word << 8) | byte) >>> 0, 0);
}

function hostBitsAreZero(bytes: readonly number[], bits: number): boolean {
  return bytes.every((byte, i) => (byte & (0xff >> Math.min(8, Math.max(0, bits - i * 8)))) === 0);
}

function samePrefix(a: readonly number[], b: readonly number[], bits: number): boolean {
  for (let i = 0; i * 8 < bits; i++) {
    const ignored = Math.max(0, (i + 1) * 8 - bits);
    if ((a[i] ?? 0) >> ignored !== (b[i] ?? 0) >> ignored) return false;
  }
  return true;
}
