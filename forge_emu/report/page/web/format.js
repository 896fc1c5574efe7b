// Formats numbers with their units, as the terminal does.

const integer = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 });
const oneDecimal = new Intl.NumberFormat('en-US', { maximumFractionDigits: 1 });

const threeDecimals = new Intl.NumberFormat('en-US', { maximumFractionDigits: 3 });

export const number = (n) =>
  (Math.abs(n) < 1 ? threeDecimals : Math.abs(n) < 100 ? oneDecimal : integer).format(n);

export const count = (n, one, many = `${one}s`) => `${integer.format(n)} ${n === 1 ? one : many}`;

export const percent = (part, total) => (total ? `${integer.format((part / total) * 100)} %` : '');

// The first eight characters of a UUID; other ids unchanged.
export const shortId = (id) => (/^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(id) ? id.slice(0, 8) : id);

const OUTCOMES = {
  success: 'succeeded',
  retry_requested: 'asked for a retry',
  error: 'threw an error',
  timeout: 'timed out',
  out_of_memory: 'ran out of memory',
  platform_error: 'platform error',
  interrupted: 'interrupted by another invocation here',
  deferred: 'put off by a limit',
  running: 'still running',
};

export const outcomeLabel = (outcome) => OUTCOMES[outcome] ?? outcome;

// retry_requested -> retry requested
export const toWords = (name) => name.replaceAll('_', ' ');

// As the terminal writes it: usd_text of report/format.py.
export function usdText(usd) {
  if (!usd) return '$0';
  if (usd >= 1) return '$' + usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return '$' + usd.toFixed(2 - Math.floor(Math.log10(usd))).replace(/0+$/, '').replace(/\.$/, '');
}
