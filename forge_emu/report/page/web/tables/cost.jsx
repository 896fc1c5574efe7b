// What it would be billed: a row for each kind.

import { usdText } from '../format.js';

const NAMES = { compute: 'Functions', kvs_reads: 'Store: reads', kvs_writes: 'Store: writes', logs: 'Log lines' };

const amountText = (amount) => Number(amount.toPrecision(3)).toLocaleString('en-US', { maximumSignificantDigits: 3 });

export function Cost({ cost }) {
  const parts = Object.entries(cost?.parts ?? {});
  if (!parts.length) return null;
  return (
    <div class="card" id="cost">
      <h3>Cost <small>{usdText(cost.usd)}</small></h3>
      <table><tbody>
        {parts.map(([kind, part]) => (
          <tr key={kind}>
            <td class="words">{NAMES[kind] ?? kind}</td>
            <td class="num">{amountText(part.amount)} {part.unit}</td>
            <td class="num">{usdText(part.usd)}</td>
          </tr>
        ))}
      </tbody></table>
      <p class="note">
        {`An estimate, before what is free each month. ${usdText(cost.retries_usd)} of it is for attempts that were made again.`}
        {cost.computing_ms ? ` Each invocation counts ${cost.computing_ms} ms of computing besides its waits.` : ''}
      </p>
    </div>
  );
}
