/** What an emulator takes; everything may be left out. */
export interface EmulatorOptions {
  /** The seed of chance and ids: 1 without it. The same seed gives the same records. */
  seed?: number;
  /** Whether time moves only when it is told to: true without it. Real time goes on by itself. */
  virtual?: boolean;
  limits?: 'current' | 'legacy' | 'off';
  /** How long the platform takes. */
  latency?: 'none' | 'typical' | 'slow';
  /** Settings by name: `{ 'limits.kvs.write_units_per_minute': 100 }`. */
  settings?: Record<string, unknown>;
  /** Faults: `['kvs.error=5%']`. */
  faults?: string[];
  /** What the store begins with: keys and values, or a file of `forge-emu kvs export`. */
  kvs?: Record<string, unknown> | string;
  /** A file for the site to begin with. */
  site?: string;
  /** Variables of the app and of its manifest. */
  variables?: Record<string, string>;
  /** Whether requests to the outside go out: they fail without it. */
  network?: boolean;
  /** Whether a missing bundler may be installed from npm. */
  install?: boolean;
  /**
   * The command that starts forge-emu, with its first arguments: `['python', '-m', 'forge_emu']`.
   * Without it the variable FORGE_EMU, else `forge-emu` on the PATH.
   */
  command?: string | string[];
}
