import Graph
import Testing
