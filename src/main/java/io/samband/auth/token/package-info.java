/**
 * Tokens of one issuer: their keys, their signatures, and what their claims mean. All cryptography, and the fetching and caching of keys, is that
 * of Nimbus JOSE+JWT.
 */
package io.samband.auth.token;
