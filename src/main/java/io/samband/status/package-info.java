/** What can be seen from outside: who is connected, whether the node is well, and a test event to try it all. */
package io.samband.status;
