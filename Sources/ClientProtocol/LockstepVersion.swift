/// The version of this program, as handshakes, status and `lockstep version` show it.
package let lockstepVersion = "0.1.0"
