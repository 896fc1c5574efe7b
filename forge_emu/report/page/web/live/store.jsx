// The key-value store: what is in it, found by the beginning of the key, changed and deleted.

import { useEffect, useState } from 'preact/hooks';
import { Section, Words } from '../elements.jsx';
import { number } from '../format.js';
import { ask, perform, query, say } from './control.js';

const SHOWN_CHARACTERS = 160;
const LOOK_AGAIN_MS = 300;

// What is listed changes with `seq`, the version of the figures, while the section is open.
export function Store({ run, figures }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <Section id="store" title="Store">
      {isOpen ? <OpenStore run={run} figures={figures} /> : <p><button type="button" onClick={() => setOpen(true)}>show what is stored</button></p>}
    </Section>
  );
}

function OpenStore({ run, figures }) {
  const [prefix, setPrefix] = useState('');
  const [kind, setKind] = useState('values');
  const [entities, setEntities] = useState([]);
  const [page, setPage] = useState({ entries: [], bytes: [], after: null });
  const [starts, setStarts] = useState(['']);
  const [edited, setEdited] = useState(null);
  const [changes, setChanges] = useState(0);
  const where = kind === 'secrets' ? { secret: true } : kind === 'values' ? {} : { entity: kind };
  useEffect(() => {
    let isCurrent = true;
    const timer = setTimeout(async () => {
      try {
        const [found, names] = await Promise.all([
          ask('GET', `/v1/kvs?${query({ prefix, after: starts.at(-1), ...where })}`), ask('GET', '/v1/kvs/entities'),
        ]);
        if (isCurrent) { setPage(found); setEntities(Object.keys(names)); }
      } catch (error) { if (isCurrent) say(error.message, true); }
    }, LOOK_AGAIN_MS);
    return () => { isCurrent = false; clearTimeout(timer); };
  }, [prefix, kind, starts, changes, figures]);
  const look = (change) => { change(); setStarts(['']); setEdited(null); };
  const changed = () => { setEdited(null); setChanges(changes + 1); };
  return (
    <>
      <form class="filters" onSubmit={(event) => event.preventDefault()}>
        <label class="grow">Keys that begin with<input type="search" id="store-prefix" value={prefix} autocomplete="off" spellcheck={false} onInput={(e) => { const { value } = e.currentTarget; look(() => setPrefix(value)); }} /></label>
        <label>What<select value={kind} onInput={(e) => { const { value } = e.currentTarget; look(() => setKind(value)); }}>{['values', 'secrets', ...entities].map((name) => <option key={name}>{name}</option>)}</select></label>
        <button type="button" onClick={() => setEdited({ key: prefix, text: 'null', isNew: true })}>new key</button>
      </form>
      {edited && <Editor key={edited.key} edited={edited} where={where} done={changed} close={() => setEdited(null)} />}
      <div class="card flush scrolls tall" tabindex="0" role="region" aria-label="What is stored">
        <table class="grid" id="stored">
          <thead><tr><th scope="col">Key</th><th scope="col">Value</th><th scope="col" class="num">Bytes</th><th scope="col" class="num">Expires in</th></tr></thead>
          <tbody>
            {page.entries.map((entry, i) => (
              <tr key={entry.key}>
                <th scope="row"><button type="button" class="link" onClick={() => setEdited({ ...entry, text: JSON.stringify(entry.value, null, 2) })}><Words text={entry.key} /></button></th>
                <td class="value">{entry.secret ? '(secret)' : shortened(JSON.stringify(entry.value))}</td>
                <td class="num">{number(page.bytes[i])}</td>
                <td class="num dim">{entry.ttl_seconds === undefined ? '' : `${number(entry.ttl_seconds)} s`}</td>
              </tr>
            ))}
          </tbody>
        </table>
        {!page.entries.length && <p class="note inside">{prefix ? `No key begins with ${JSON.stringify(prefix)}.` : 'Nothing is stored.'}</p>}
      </div>
      <div class="pager">
        {starts.length > 1 && <button type="button" onClick={() => setStarts(starts.slice(0, -1))}>‹ before</button>}
        {page.after !== null && <button type="button" onClick={() => setStarts([...starts, page.after])}>more ›</button>}
      </div>
    </>
  );
}

function Editor({ edited, where, done, close }) {
  const [key, setKey] = useState(edited.key);
  const [text, setText] = useState(edited.secret ? '' : edited.text);
  const save = async (event) => {
    event.preventDefault();
    let value;
    try { value = JSON.parse(text); } catch (error) { say(`The value is no JSON: ${error.message}`, true); return; }
    const entry = { key, value, ...where, ...(edited.ttl_seconds === undefined ? {} : { ttl_seconds: edited.ttl_seconds }) };
    if (await perform(() => ask('PUT', '/v1/kvs', [entry]), () => `Stored ${key}.`)) done();
  };
  const remove = async () => {
    if (await perform(() => ask('DELETE', `/v1/kvs/value?${query({ key: edited.key, ...where })}`), () => `Deleted ${edited.key}.`)) done();
  };
  return (
    <form class="card editor" onSubmit={save}>
      <label>Key<input type="text" value={key} readonly={!edited.isNew} onInput={(e) => setKey(e.currentTarget.value)} /></label>
      <label>Value, as JSON<textarea id="value-text" rows="8" spellcheck={false} value={text} placeholder={edited.secret ? 'a new value; the present one is not shown' : ''} onInput={(e) => setText(e.currentTarget.value)} /></label>
      <div class="actions">
        <button type="submit">save</button>
        {!edited.isNew && <button type="button" onClick={remove}>delete</button>}
        <button type="button" onClick={close}>close</button>
      </div>
    </form>
  );
}

const shortened = (text) => (text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS - 1)}…` : text);
