// Run by hand: no handler imports it.
import kvs from '@forge/kvs';

kvs.set('desk', { project: process.argv[2] });
