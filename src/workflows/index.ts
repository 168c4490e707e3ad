export { drain } from './drain.js';
