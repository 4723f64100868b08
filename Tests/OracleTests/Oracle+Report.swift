import Oracle
import Testing

extension OracleCase: CustomTestStringConvertible {}

extension OracleGroup: CustomTestStringConvertible {}
