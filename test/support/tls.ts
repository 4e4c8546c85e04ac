import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer } from "node:tls";
import { promisify } from "node:util";

/** Makes a certificate for 127.0.0.1, by OpenSSL, that is its own authority; gives the files. */
export async function createCertificate(folder: string): Promise<{ key: string; cert: string }> {
  const [key, cert] = [join(folder, "tls-key.pem"), join(folder, "tls-cert.pem")];
  // Deno takes no authority's certificate for a server's.
  const names = [
    "-subj",
    "/CN=localhost",
    "-addext",
    "subjectAltName=IP:127.0.0.1",
    "-addext",
    "basicConstraints=CA:FALSE",
  ];
  const request = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-keyout", key, "-out", cert];
  await promisify(execFile)("openssl", [...request, ...names]);
  return { key, cert };
}

/** Serves over TLS what `plainUrl` serves without, byte for byte; a connection that ends on one side ends on the other. */
export async function serveTls(plainUrl: string): Promise<{ url: string; ca: string; close(): void }> {
  const folder = await mkdtemp(join(tmpdir(), "tls-"));
  const files = await createCertificate(folder);
  const [key, cert] = await Promise.all([files.key, files.cert].map((file) => readFile(file, "utf8")));
  await rm(folder, { recursive: true });

  const open = new Set<Socket>();
  const server = createServer({ key, cert }, (secure) => {
    const plain = connect(Number(new URL(plainUrl).port), "127.0.0.1");
    for (const [socket, other] of [
      [secure, plain],
      [plain, secure],
    ] as const) {
      open.add(socket);
      socket.pipe(other);
      socket
        .on("error", () => other.destroy())
        .on("close", () => {
          open.delete(socket);
          other.destroy();
        });
    }
  });
  // Whoever does not trust the certificate hangs up.
  server.on("tlsClientError", () => {});
  await once(server.listen(0, "127.0.0.1"), "listening");
  const close = () => {
    server.close();
    for (const socket of open) socket.destroy();
  };
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, ca: cert as string, close };
}
