/// How far the end of a client is.
enum Closing {
  case no
  case draining
  case closingSession
  case done
}
