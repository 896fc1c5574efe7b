/** How a web trigger is called; everything may be left out. */
export interface WebOptions {
  /** POST with a body, else GET. */
  method?: string;
  headers?: Record<string, string>;
  /** What follows the address of the trigger: `/more`. */
  path?: string;
  /** `page=2`, or names and values. */
  query?: string | Record<string, string>;
  /** The key, in base64, that signs the request. */
  secret?: string;
}

/** What the caller of a web trigger gets. */
export interface WebResponse {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
  /** Why it is not what the handler has returned; null where it is. */
  readonly problem: string | null;
  /** The body, read as JSON. */
  json<T = any>(): T;
}

/** The answer as the control API has it. */
export interface WebView {
  status: number;
  headers: [string, string][];
  body: string;
  problem: string | null;
}

export function responseOf({ status, headers, body, problem }: WebView): WebResponse {
  return { status, headers: new Headers(headers), body, problem, json: () => JSON.parse(body) };
}
