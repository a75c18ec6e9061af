/// The version of this program.
package let lockstepVersion = "0.1.0"
