/** What is used of Vitest, which the package does not depend on. */
declare module 'vitest' {
  interface Failed {
    readonly task: { readonly result?: { readonly errors?: unknown[] } };
  }
  interface Context {
    onTestFailed(run: (failed: Failed) => unknown): void;
  }
  export function beforeEach(run: (context: Context) => unknown, timeout?: number): void;
  export function afterAll(run: () => unknown, timeout?: number): void;
}
