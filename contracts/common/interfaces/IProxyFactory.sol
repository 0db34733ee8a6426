// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

/**
 * @title  Deploys proxies at addresses that are known before anything is sent.
 * @notice An address depends on this factory, the caller and a salt, and on nothing else: not on the implementation,
 *         nor on what the proxy is initialised with. Nobody owns the factory, and it keeps no state.
 */
interface IProxyFactory {
    /// @notice Thrown when the implementation holds no code: the proxy would swallow every call.
    error EmptyImplementation(address implementation_);

    /// @notice Thrown when there is nothing to initialise the proxy with: anybody could do it afterwards.
    error EmptyInitializeCallData();

    /// @notice Thrown when the caller has used this salt before.
    error ProxyExists(address proxy_);

    /// @notice Thrown when initialising the proxy reverted; `revertData_` is what it reverted with.
    error InitializationFailed(bytes revertData_);

    /// @notice Emitted before any event of the proxy's own initialisation.
    event ProxyDeployed(
        address indexed proxy,
        address indexed implementation,
        address indexed sender,
        bytes32 salt,
        bytes initializeCallData
    );

    /**
     * @notice Deploys a proxy and initialises it in the same call, so nobody can come between.
     * @param  salt_               Any value, used at most once by each caller.
     * @param  implementation_     The proxy's first implementation.
     * @param  initializeCallData_ Calldata for the new proxy, which sees this factory as its caller.
     * @return proxy_              The address that `computeProxyAddress(msg.sender, salt_)` gives.
     * @dev    Errors in order: `EmptyImplementation`, `EmptyInitializeCallData`, `ProxyExists`, `InitializationFailed`.
     */
    function deployProxy(
        bytes32 salt_,
        address implementation_,
        bytes calldata initializeCallData_
    ) external returns (address proxy_);

    /// @notice Where a proxy of this caller and salt is, or will be.
    function computeProxyAddress(address caller_, bytes32 salt_) external view returns (address proxy_);

    /// @notice The implementation for the proxy being constructed, which asks for it; zero at any other time.
    function pendingImplementation() external view returns (address implementation_);

    /// @notice keccak256 of the proxies' creation code: constant, so the addresses are too.
    // solhint-disable-next-line func-name-mixedcase
    function PROXY_INIT_CODE_HASH() external view returns (bytes32);
}
