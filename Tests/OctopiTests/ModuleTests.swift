import Octopi
import Testing
