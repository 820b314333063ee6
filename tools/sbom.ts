/**
 * `deno task sbom`: what the binaries and the tests are made of, from the lock files, as CycloneDX 1.6 in JSON
 * (https://cyclonedx.org/docs/1.6/json/), into `dist/sbom.cdx.json`. The same lock files make the same bytes.
 *
 * @module
 */
import { fromFileUrl, join } from "@std/path";
import manifest from "../deno.json" with { type: "json" };

const root = fromFileUrl(new URL("..", import.meta.url));

/** Lock files: of what is in the binaries, and of what only makes or tests them. */
const LOCKS = [
  ["deno.lock", "required"],
  ["tests/deno.lock", "excluded"],
  ["tools/denort/deno.lock", "excluded"],
] as const;

/** A part of the software. */
export interface Component {
  readonly type: "library";
  readonly "bom-ref": string;
  readonly name: string;
  readonly version: string;
  readonly purl: string;
  /** `excluded`: in no binary. */
  readonly scope: "required" | "excluded";
  readonly hashes: readonly { readonly alg: string; readonly content: string }[];
}

/** The list. */
export interface Sbom {
  readonly bomFormat: "CycloneDX";
  readonly specVersion: "1.6";
  readonly version: 1;
  readonly metadata: unknown;
  readonly components: readonly Component[];
  readonly dependencies: readonly { readonly ref: string; readonly dependsOn: readonly string[] }[];
}

interface Locked {
  readonly integrity?: string;
  readonly dependencies?: readonly string[];
}

/** Reads the lock files. */
export function makeSbom(): Sbom {
  const components = new Map<string, Component>();
  const links = new Map<string, string[]>();
  for (const [path, scope] of LOCKS) {
    const { npm = {} } = JSON.parse(Deno.readTextFileSync(join(root, path))) as { npm?: Record<string, Locked> };
    const idOf = (dependency: string): string | undefined =>
      dependency in npm ? dependency : Object.keys(npm).find((id) => nameOf(id) === dependency);
    for (const [id, { integrity = "", dependencies = [] }] of Object.entries(npm)) {
      const ref = purlOf(id);
      if (components.has(ref)) continue;
      const [name, version] = [nameOf(id), versionOf(id)];
      const content = integrity.startsWith("sha512-") ? Uint8Array.fromBase64(integrity.slice(7)).toHex() : undefined;
      const hashes = content === undefined ? [] : [{ alg: "SHA-512", content }];
      components.set(ref, { type: "library", "bom-ref": ref, name, version, purl: ref, scope, hashes });
      links.set(ref, dependencies.flatMap((dependency) => idOf(dependency) ?? []).map(purlOf));
    }
  }
  const { name, version, license } = manifest;
  return {
    ...{ bomFormat: "CycloneDX", specVersion: "1.6", version: 1 },
    metadata: {
      component: { type: "application", "bom-ref": name, name, version, licenses: [{ license: { id: license } }] },
    },
    components: [...components.values()].toSorted((a, b) => a.purl < b.purl ? -1 : 1),
    dependencies: [...links].toSorted(([a], [b]) => a < b ? -1 : 1).map(([ref, dependsOn]) => ({ ref, dependsOn })),
  };
}

/** Writes the list beside the binaries; its path. */
export async function writeSbom(): Promise<string> {
  const path = join(root, "dist", "sbom.cdx.json");
  await Deno.mkdir(join(root, "dist"), { recursive: true });
  await Deno.writeTextFile(path, `${JSON.stringify(makeSbom(), undefined, 1)}\n`);
  return path;
}

/** A key of the lock file: `@scope/name@1.0.0_peer@2.0.0`. */
function nameOf(id: string): string {
  return id.slice(0, id.indexOf("@", 1));
}

function versionOf(id: string): string {
  return id.slice(id.indexOf("@", 1) + 1).replace(/_.*$/, "");
}

/** https://github.com/package-url/purl-spec */
function purlOf(id: string): string {
  return `pkg:npm/${nameOf(id).replace("@", "%40")}@${versionOf(id)}`;
}

if (import.meta.main) await writeSbom();
