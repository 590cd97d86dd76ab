/**
 * What the tests stand on: a server to talk to, a client that shows every byte, and a network to break.
 */
package io.samband.testing;
