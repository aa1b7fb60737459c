declare module 'gltf-validator' {
  interface ValidationReport {
    issues: { numErrors: number; numWarnings: number; messages: { code: string; message: string; severity: number }[] };
  }
  export function validateBytes(bytes: Uint8Array): Promise<ValidationReport>;
}
