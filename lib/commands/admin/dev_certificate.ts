/**
 * Certificates for trying TLS out: an authority that signs one certificate and is then forgotten, so that whoever trusts
 * it trusts nothing else. One self-signed certificate would not do: the TLS library refuses an authority's certificate
 * (CA:TRUE) as a server's, and other programs refuse any other one as an authority's.
 *
 * @module
 */
import type { Extension, X509Certificate } from "@peculiar/x509";

interface DevCertificateOptions {
  /** Host names and IP addresses that the certificate is for. */
  readonly names: readonly string[];
  readonly notBefore: Date;
  readonly notAfter: Date;
}

/** The three files, in PEM. */
interface DevCertificate {
  /** For clients: whom to trust. */
  readonly ca: string;
  readonly cert: string;
  /** PKCS #8, not encrypted. */
  readonly key: string;
}

/** ECDSA on P-256: fast, small, and known to everything that speaks TLS 1.2. */
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" } as const;

/** Octets of a serial number: RFC 5280, section 4.1.2.2, allows 20; random, they are never the same twice. */
const SERIAL_BYTES = 16;

/** `id-kp-serverAuth` and `id-kp-clientAuth` (RFC 5280, section 4.2.1.12): a lab uses the pair on either side. */
const PURPOSES = ["1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2"];

/** Makes the certificates. The authority's key is kept nowhere. */
export async function makeDevCertificate(options: DevCertificateOptions): Promise<DevCertificate> {
  // The library looks for this when it is loaded; both are loaded here only.
  await import("reflect-metadata");
  const x509 = await import("@peculiar/x509");
  const { names, notBefore, notAfter } = options;
  const flags = x509.KeyUsageFlags;
  const ca = await newKeys();
  const server = await newKeys();
  // A name of its own: authorities of one name are taken for each other, and the error would be a bad signature.
  const issuer = `CN=echo-server development authority ${newSerial().slice(0, 8)}`;
  const common = { notBefore, notAfter, issuer, signingAlgorithm: ALGORITHM, signingKey: ca.privateKey };
  const identifier = await x509.SubjectKeyIdentifierExtension.create(ca.publicKey);
  const make = async (
    subject: string,
    publicKey: CryptoKey,
    extensions: readonly Extension[],
  ): Promise<X509Certificate> =>
    await x509.X509CertificateGenerator.create({
      ...common,
      serialNumber: newSerial(),
      subject,
      publicKey,
      extensions: [...extensions],
    });
  const authority = await make(issuer, ca.publicKey, [
    new x509.BasicConstraintsExtension(true, 0, true),
    new x509.KeyUsagesExtension(flags.keyCertSign | flags.cRLSign, true),
    identifier,
  ]);
  const certificate = await make("CN=echo-server", server.publicKey, [
    new x509.BasicConstraintsExtension(false, undefined, true),
    new x509.KeyUsagesExtension(flags.digitalSignature, true),
    new x509.ExtendedKeyUsageExtension(PURPOSES),
    new x509.SubjectAlternativeNameExtension(names.map(generalName)),
    await x509.SubjectKeyIdentifierExtension.create(server.publicKey),
    new x509.AuthorityKeyIdentifierExtension(identifier.keyId),
  ]);
  const key = await crypto.subtle.exportKey("pkcs8", server.privateKey);
  return {
    ca: `${authority.toString("pem")}\n`,
    cert: `${certificate.toString("pem")}\n`,
    key: `${x509.PemConverter.encode(key, x509.PemConverter.PrivateKeyTag)}\n`,
  };
}

async function newKeys(): Promise<CryptoKeyPair> {
  return await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

/** A positive number of {@linkcode SERIAL_BYTES}, hexadecimal. */
function newSerial(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(SERIAL_BYTES));
  bytes[0] = (bytes[0] ?? 0) & 0x3f | 0x40;
  return bytes.toHex();
}

/** RFC 5280, section 4.2.1.6: addresses are not names. */
function generalName(value: string): { readonly type: "ip" | "dns"; readonly value: string } {
  return { type: value.includes(":") || /^\d+(\.\d+){3}$/.test(value) ? "ip" : "dns", value };
}
